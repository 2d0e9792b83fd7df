"""The council paper as a Word file: the words of the PDF, from the same templates, in styles to work with."""

from .render import render

__all__ = ["render"]
