'use strict';
/*
 * console as Lambda's Node.js runtime writes it in the text log format: time, request id, level and message, separated
 * by tabs. A line break inside a message becomes a carriage return, which keeps one call one event in CloudWatch Logs.
 */
const { format } = require('node:util');

const LEVELS = { trace: 'TRACE', debug: 'DEBUG', log: 'INFO', info: 'INFO', warn: 'WARN', error: 'ERROR' };

/** @param {() => string} requestId of the invocation that is running, `-` during init */
function patchConsole(requestId) {
  for (const [method, level] of Object.entries(LEVELS)) {
    console[method] = (...args) => {
      const line = [new Date().toISOString(), requestId(), level, format(...args)].join('\t');
      process.stdout.write(`${line.replaceAll('\n', '\r')}\n`);
    };
  }
}

module.exports = { patchConsole };
