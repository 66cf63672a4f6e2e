"""Portions, policy and vault to a tier and a reason for each: all decisions are made here."""

from tierpub.classify.classify import Classified
from tierpub.classify.part import Part, Survey
from tierpub.classify.reasons import Reason
from tierpub.classify.survey import classify_all, survey

__all__ = ["Classified", "Part", "Reason", "Survey", "classify_all", "survey"]
