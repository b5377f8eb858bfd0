"""What every test has: each exchange with the sandbox's Zoho Books is checked against Zoho's own OpenAPI facts."""

pytest_plugins = ["mlc_pipeline_tests.contract.plugin", "mlc_pipeline_tests.databases"]
