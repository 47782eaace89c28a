/**
 * Everything between a connection and a gRPC server: TCP with mutual TLS, Unix sockets, the
 * certificates and their renewal without a restart.
 *
 * <p>What a call is for, which plugin answers it and what the answer may be is nobody's business
 * here. What belongs here is who may connect, how many, for how long they may stay silent, and what
 * a call can say about the connection it came in on ({@link dev.howdah.host.listen.Connection}).
 */
@NullMarked
package dev.howdah.host.listen;

import org.jspecify.annotations.NullMarked;
