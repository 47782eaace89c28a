package dev.howdah.host.call;

import dev.howdah.host.call.CallTracing.CallSpan;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.MDC;

/**
 * What a call's log lines are found by: its record in the audit trail, and its trace, by the names
 * that Spring Boot gives the latter. Only what there is.
 *
 * @param fields the fields of a log line by name
 */
record CallMarks(Map<String, String> fields) {

  CallMarks {
    fields = Map.copyOf(fields);
  }

  /** Those of the call that the current thread works on. */
  static CallMarks current() {
    CallSpan span = TraceStep.current();
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("audit", AuditId.current());
    fields.put("traceId", span.traceId());
    fields.put("spanId", span.spanId());
    fields.values().removeIf(String::isEmpty);
    return new CallMarks(fields);
  }

  /** Has the current thread's log lines hold them, until the MDC is cleared. */
  void put() {
    fields.forEach(MDC::put);
  }

  /** Takes them away from the current thread's log lines. */
  void remove() {
    fields.keySet().forEach(MDC::remove);
  }
}
