/**
 * The tamper-evident audit trail: which calls, changes and events are kept, how they are redacted,
 * chained, signed and written, and how a trail is verified afterwards. Nothing here knows Spring or
 * gRPC.
 */
@NullMarked
package dev.howdah.host.audit;

import org.jspecify.annotations.NullMarked;
