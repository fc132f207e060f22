// Imported before the hooks, which read these when they are loaded: their logs would drown the report of the tests.
process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED = 'true';
