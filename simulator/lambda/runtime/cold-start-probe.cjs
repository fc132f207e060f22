'use strict';
/*
 * Times one cold start from inside a fresh process: the import of an artifact and the first call of its handler.
 * Arguments: the artifact, the handler's export, the event as JSON. The timings go to file descriptor 3, since stdout
 * belongs to the function.
 */
const { writeSync } = require('node:fs');
const { performance } = require('node:perf_hooks');

async function main() {
  const [artifact, exported, event] = process.argv.slice(2);
  const context = {
    awsRequestId: '00000000-0000-4000-8000-000000000000',
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:123456789012:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => 30_000,
  };
  const parsed = JSON.parse(event);
  const before = process.cpuUsage();
  const started = performance.now();
  const handler = require(artifact)[exported];
  const imported = performance.now();
  const answer = await handler(parsed, context);
  const answered = performance.now();
  const { user, system } = process.cpuUsage(before);
  const times = { importMs: imported - started, firstCallMs: answered - imported, cpuMs: (user + system) / 1000 };
  writeSync(3, JSON.stringify({ ...times, answer }));
  process.exit(0);
}

main();
