"""Case references can be copied by hand, and a slip is noticed."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from handlers.refs import ALPHABET, case_id, case_ref, read_ref

BEGAN = datetime(2020, 5, 8, tzinfo=UTC)
CASES = st.builds(case_id, st.text(min_size=1, max_size=30), st.integers(1, 50), st.just(BEGAN))


@given(CASES)
def test_a_reference_is_read_back_however_it_is_written(case: str) -> None:
    """Small letters, spaces or nothing instead of hyphens, O for 0 and I for 1: the same reference."""
    ref = case_ref(case)
    assert read_ref(ref) == ref
    assert read_ref(ref.lower().replace("-", " ")) == ref
    assert read_ref(ref.replace("-", "").replace("0", "O").replace("1", "I")) == ref


@given(CASES)
def test_the_check_character_is_luhns(case: str) -> None:
    """As another program counts it."""
    assert luhn.is_valid(case_ref(case).replace("-", ""), ALPHABET)


@given(CASES, st.integers(0, 10), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(case: str, at: int, wrong: str) -> None:
    """No other reference is one character away."""
    compact = case_ref(case).replace("-", "")
    if compact[at] != wrong:
        assert read_ref(compact[:at] + wrong + compact[at + 1 :]) is None


@given(st.text(max_size=20))
def test_other_words_are_not_references(text: str) -> None:
    """What is read as a reference has eleven characters of the alphabet, nothing else does."""
    found = read_ref(text)
    assert found is None or len(found.replace("-", "")) == 11


def test_the_same_draft_gives_the_same_case() -> None:
    """Filing again is filing once; another draft is another case."""
    assert case_id("chat", 1, BEGAN) == case_id("chat", 1, BEGAN)
    assert len({case_id("chat", 1, BEGAN), case_id("chat", 2, BEGAN), case_id("tach", 1, BEGAN)}) == 3
