"""Register, facts and cells as people write them: one wide frame, every refusal with its place."""

from engine.data.example import data_from_example
from engine.data.intake import read_data
from engine.data.model import Data, SourceCell

__all__ = ["Data", "SourceCell", "data_from_example", "read_data"]
