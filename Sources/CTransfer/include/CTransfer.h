#ifndef CTRANSFER_H
#define CTRANSFER_H

// Fetching one file over HTTP through the system's libcurl, which is looked for when the first file
// is fetched: programs that fetch nothing neither need it nor load it.

/// How a fetch ended.
typedef enum ct_result {
  CT_DONE = 0,
  CT_NO_LIBRARY = 1, ///< no libcurl on this machine
  CT_NO_HOST = 2,    ///< the host's name could not be looked up
  CT_NO_ANSWER = 3,  ///< no connection, or none in time
  CT_STATUS = 4,     ///< the server answered with an HTTP status of 400 or above
  CT_STALLED = 5,    ///< no byte came for too long
  CT_TRUNCATED = 6,  ///< the connection ended before the promised length
  CT_TOO_LARGE = 7,  ///< more bytes than the limit, promised or sent
  CT_REFUSED = 8,    ///< the receiver returned nonzero
  CT_STOPPED = 9,    ///< the stopper returned nonzero
  CT_OTHER = 10,     ///< anything else: see the reason
  CT_SLOW = 11,      ///< fewer bytes than asked for came in a span of time
} ct_result;

typedef struct ct_request {
  const char *url;             ///< http or https; so must be what it redirects to, five times at most
  const char *user_agent;
  long connect_milliseconds;   ///< for looking up the name, connecting and the TLS handshake
  long stall_milliseconds;     ///< the longest wait without a byte, once connected
  long slow_milliseconds;      ///< a span of time, counted from the connection and again after each
  long long slow_bytes;        ///< the least that must come in each such span
  long long limit;             ///< the most bytes accepted
} ct_request;

/// Takes the next `count` bytes, valid during the call. `expected` is the size the server promised,
/// or -1. Nonzero stops the transfer.
typedef int (*ct_receiver)(void *context, const unsigned char *bytes, long count,
                           long long expected);

/// Asked some twenty times a second whether to stop: nonzero does.
typedef int (*ct_stopper)(void *context);

/// Fetches a file on the caller's thread. Both functions get `context`. `status` becomes the HTTP status, or 0. `reason`, of
/// `reason_size` bytes, becomes libcurl's own words where it has some.
ct_result ct_fetch(const ct_request *request, ct_receiver receiver, ct_stopper stopper,
                   void *context, long *status, char *reason, long reason_size);

#endif
