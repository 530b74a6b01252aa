"""One catalogue per language, and the one module that turns a message id into a sentence."""
