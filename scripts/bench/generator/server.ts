/** Answers every request with the same bytes, so that it is the generators that are compared; in a process of its own. */
import { createServer } from 'node:net';

const ANSWER = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok');

// A GET comes in one piece, and no generator here sends a second before the answer to the first.
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(ANSWER)).on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`not a TCP server: ${address}`);
  process.send?.(`http://127.0.0.1:${address.port}/`);
});
