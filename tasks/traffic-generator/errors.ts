const BY_CODE: readonly (readonly [RegExp, string])[] = [
  [/^UND_ERR_CONNECT_TIMEOUT$|^ECONNREFUSED$|^E(?:HOST|NET)UNREACH$|^ETIMEDOUT$/, 'connect'],
  // A request that the client itself will not send says nothing about its target.
  [/^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH)$/, 'local'],
  [/^EADDRNOTAVAIL$|^E[MN]FILE$|^ENOBUFS$/, 'local'],
  [/^ENOTFOUND$|^EAI_/, 'dns'],
  [/^UND_ERR_(?:HEADERS|BODY)_TIMEOUT$/, 'timeout'],
  [/CERT|^ERR_SSL|^ERR_TLS|^EPROTO$|SELF_SIGNED|UNABLE_TO_/, 'tls'],
  [/^ERR_HTTP2|^UND_ERR_INFO$/, 'http2'],
  [/^HPE_|^UND_ERR_(?:RES|RESPONSE|HEADERS_OVERFLOW)/, 'protocol'],
  [/^ECONNRESET$|^EPIPE$|^ECONNABORTED$|^UND_ERR_SOCKET$/, 'reset'],
];

/** What a request failed of, in the words of a shard's result. The innermost cause that has a known code decides. */
export function errorKind(error: unknown): string {
  for (let depth = 0, cause = error; depth < 5 && cause instanceof Error; depth += 1, cause = cause.cause) {
    // Of a host with several addresses, the first attempt stands for the others.
    const one = cause instanceof AggregateError && cause.errors[0] instanceof Error ? cause.errors[0] : cause;
    const code = 'code' in one && typeof one.code === 'string' ? one.code : '';
    const kind = BY_CODE.find(([pattern]) => pattern.test(code))?.[1];
    if (kind !== undefined) return kind;
    if (one.name === 'HTTPParserError') return 'protocol';
  }
  return 'other';
}
