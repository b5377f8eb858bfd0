"""mlc.yaml as validated values: `load_configuration` never raises for what the file says."""

from mlc_pipeline.config.loading import Configuration, example_configuration, load_configuration
from mlc_pipeline.config.mapping_settings import FallbackAccount, MappingSettings, TagTarget, TaxTarget
from mlc_pipeline.config.models import (
    LAST_MONTHLY_DAY,
    Cadence,
    Connection,
    ExpensifySettings,
    PeriodSettings,
    PostingSettings,
    ScheduleSettings,
    ZohoSettings,
)
from mlc_pipeline.config.problems import ConfigurationError, ConfigurationProblem

__all__ = [
    "LAST_MONTHLY_DAY",
    "Cadence",
    "Configuration",
    "ConfigurationError",
    "ConfigurationProblem",
    "Connection",
    "ExpensifySettings",
    "FallbackAccount",
    "MappingSettings",
    "PeriodSettings",
    "PostingSettings",
    "ScheduleSettings",
    "TagTarget",
    "TaxTarget",
    "ZohoSettings",
    "example_configuration",
    "load_configuration",
]
