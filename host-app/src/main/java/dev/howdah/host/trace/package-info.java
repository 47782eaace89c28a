/**
 * Traces of calls, sent to a collector over OTLP where one is named. What knows OpenTelemetry lives
 * here; the pipeline of a call knows {@link dev.howdah.host.call.CallTracing} only, so that a host
 * without a collector loads nothing of it.
 */
@NullMarked
package dev.howdah.host.trace;

import org.jspecify.annotations.NullMarked;
