'use strict';
/*
 * Preloaded into a function's process (`node --require`) before AWS's runtime client, aws-lambda-ric: stands in for its
 * native addon, rapid-client.node, where that is not built. Building it takes cmake, a C++ compiler and half a minute.
 *
 * The addon is no more than HTTP: `next`, `done` and `error` of the Runtime API. AWS's alternative client in JavaScript
 * covers `next` only, so all three are here. All the rest (loading the handler, context, console, errors, the loop) is
 * AWS's own code. Of the addon's ways, these two matter: `done` and `error` return when the answer is posted, for which
 * `next` waits here, and a body ends at its first NUL.
 */
const http = require('node:http');
const Module = require('node:module');
const { existsSync } = require('node:fs');
const { dirname, join } = require('node:path');

const ADDON = './rapid-client.node';
const PREFIX = '/2018-06-01/runtime/invocation';
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
let posted = Promise.resolve();

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path: PREFIX + path, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ headers: response.headers, bodyJson: Buffer.concat(chunks).toString('utf8') }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function post(path, body, headers) {
  const [text] = body.split('\0');
  posted = call('POST', path, text, { 'Content-Type': 'application/json', ...headers });
}

const standIn = {
  async next() {
    await posted;
    return call('GET', '/next');
  },
  done(id, body) {
    post(`/${id}/response`, body);
  },
  error(id, body, xray) {
    post(`/${id}/error`, body, { 'Lambda-Runtime-Function-XRay-Error-Cause': xray });
  },
};

const load = Module._load;
Module._load = function (request, parent, isMain) {
  const missing = request === ADDON && !existsSync(join(dirname(parent?.filename ?? ''), ADDON));
  return missing ? standIn : load.call(this, request, parent, isMain);
};
