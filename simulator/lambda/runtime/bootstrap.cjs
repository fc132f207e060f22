'use strict';
/*
 * A runtime client for Node.js functions, with the behaviour of the nodejs24.x managed runtime. Protocol: "Using the
 * Lambda runtime API for custom runtimes"; handler rules: "Define Lambda function handler in Node.js".
 *
 * It installs no handlers for uncaught exceptions and unhandled rejections, as the managed runtime of Node.js 24 does
 * not: the process exits with status 1 and the service reports Runtime.ExitError. Nor does it keep the process alive:
 * a handler whose promise can never settle ends the process.
 */
const http = require('node:http');
const path = require('node:path');
const { existsSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { patchConsole } = require('./console.cjs');

const API = '/2018-06-01/runtime';
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

let requestId = '-';
patchConsole(() => requestId);

class RuntimeError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

function call(method, suffix, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path: API + suffix, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString('utf8') }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

function postError(suffix, error) {
  const known = error instanceof Error;
  const document = {
    errorType: known ? error.name : typeof error,
    errorMessage: known ? error.message : String(error),
    trace: known && error.stack ? error.stack.split('\n') : [],
  };
  return call('POST', suffix, JSON.stringify(document), {
    'Content-Type': 'application/vnd.aws.lambda.error+json',
    'Lambda-Runtime-Function-Error-Type': document.errorType,
  });
}

function logError(what, error) {
  const known = error instanceof Error ? error : new Error(String(error));
  const { name: errorType, message: errorMessage, stack = '' } = known;
  console.error(`${what} \t${JSON.stringify({ errorType, errorMessage, ...known, stack: stack.split('\n') })}`);
}

async function loadModule(file, name) {
  const found = ['', '.js', '.mjs', '.cjs'].map((extension) => file + extension).find((each) => existsSync(each));
  try {
    if (found?.endsWith('.mjs')) return await import(pathToFileURL(found).href);
    return found ? require(found) : require(require.resolve(name, { paths: [path.dirname(file)] }));
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('Runtime.UserCodeSyntaxError', String(error));
    if (error?.code === 'MODULE_NOT_FOUND') throw new RuntimeError('Runtime.ImportModuleError', String(error));
    throw error;
  }
}

async function loadHandler() {
  const name = process.env._HANDLER;
  const [, moduleName, exported] = /^([^.]*)\.(.*)$/.exec(path.basename(name)) ?? [];
  if (moduleName === undefined || name.includes('..')) {
    throw new RuntimeError('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const file = path.resolve(process.env.LAMBDA_TASK_ROOT, path.dirname(name), moduleName);
  const loaded = await loadModule(file, moduleName);
  const find = (from) => exported.split('.').reduce((value, key) => value?.[key], from);
  const handler = find(loaded) ?? find(loaded?.default);
  if (handler === undefined || handler === null) {
    throw new RuntimeError('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  }
  if (typeof handler !== 'function') throw new RuntimeError('Runtime.HandlerNotFound', `${name} is not a function`);
  if (handler.length >= 3) {
    // AWS's own message: Node.js 24 has no callbacks.
    throw new RuntimeError(
      'Runtime.CallbackHandlerDeprecated',
      'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. ' +
        'You need to modify this function to use a supported handler signature to use Node.js 24 or later. ' +
        'For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
    );
  }
  return handler;
}

function contextOf(headers) {
  const deadline = Number.parseInt(headers['lambda-runtime-deadline-ms'], 10);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    clientContext: undefined,
    identity: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

function serialise(value) {
  try {
    return JSON.stringify(value === undefined ? null : value) ?? 'null';
  } catch {
    throw new RuntimeError('Runtime.JSONStringifyError', 'Unable to stringify response body');
  }
}

async function serve(handler, next) {
  const context = contextOf(next.headers);
  requestId = context.awsRequestId;
  process.env._X_AMZN_TRACE_ID = next.headers['lambda-runtime-trace-id'] ?? '';
  const answer = `/invocation/${encodeURIComponent(requestId)}`;
  let body;
  try {
    body = serialise(await handler(JSON.parse(next.body), context));
  } catch (error) {
    logError('Invoke Error', error);
    await postError(`${answer}/error`, error);
    return;
  }
  await call('POST', `${answer}/response`, body, { 'Content-Type': 'application/json' });
}

async function main() {
  let handler;
  try {
    handler = await loadHandler();
  } catch (error) {
    logError('Init Error', error);
    await postError('/init/error', error);
    process.exit(1);
  }
  // The simulator ends this loop by ending the process. If the simulator itself dies, the open call to /next fails.
  while (true) await serve(handler, await call('GET', '/invocation/next'));
}

main();
