package dev.howdah.sanity.report;

import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Status;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One JSON document: {@code {"reports": [{"target": …, "results": […]}]}}. */
final class JsonReport {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonReport() {}

  static String print(List<Report> reports) {
    ObjectNode document = MAPPER.createObjectNode();
    ArrayNode list = document.putArray("reports");
    for (Report report : reports) {
      ObjectNode node = list.addObject();
      node.put("target", report.target().display());
      node.put("plugin", report.plugin());
      node.put("version", report.version());
      node.put("started", report.started().toString());
      node.put("milliseconds", report.duration().toMillis());
      node.put("passed", report.passed());
      ObjectNode counts = node.putObject("counts");
      for (Status status : Status.values()) {
        counts.put(status.name().toLowerCase(Locale.ROOT), report.count(status));
      }
      ArrayNode results = node.putArray("results");
      report.results().forEach(result -> add(results.addObject(), result));
    }
    return MAPPER.writeValueAsString(document) + System.lineSeparator();
  }

  private static void add(ObjectNode node, Result result) {
    node.put("id", result.check().id());
    node.put("level", result.check().level().name());
    node.put("area", result.check().area().title());
    node.put("status", result.status().name().toLowerCase(Locale.ROOT));
    node.put("requirement", result.check().requirement());
    node.put("citation", result.check().citation());
    node.put("remedy", result.check().remedy());
    node.put("milliseconds", result.duration().toMillis());
    ArrayNode findings = node.putArray("findings");
    result.findings().forEach(findings::add);
  }
}
