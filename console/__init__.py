"""The agencies' desk: officers read their queue, open a case and answer. `console.app.routes` is the door."""
