"""Portions, policy and vault to a tier and a reason for each: all decisions are made here."""

from tierpub.classify.classify import Classified
from tierpub.classify.reasons import Reason
from tierpub.classify.survey import Survey, survey

__all__ = ["Classified", "Reason", "Survey", "survey"]
