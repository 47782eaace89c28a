package dev.howdah.plugins.configuration.cli;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugins.configuration.plan.PlannedParameter;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints explanations for programs. */
final class ExplanationJson {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private ExplanationJson() {}

  static String of(List<Explanation> explanations) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode clusters = root.putArray("clusters");
    for (Explanation explanation : explanations) {
      ObjectNode cluster = clusters.addObject();
      cluster.put("cluster", explanation.cluster());
      cluster.put("postgres", explanation.plan().major());
      cluster.put("plan", explanation.plan().digest());
      ArrayNode parameters = cluster.putArray("parameters");
      explanation
          .plan()
          .parameters()
          .forEach(parameter -> add(parameters.addObject(), explanation, parameter));
      ArrayNode drift = cluster.putArray("drift");
      explanation.drift().forEach(drift::add);
      ArrayNode findings = cluster.putArray("findings");
      explanation.findings().forEach(finding -> add(findings.addObject(), finding));
      ArrayNode notes = cluster.putArray("notes");
      explanation.notes().forEach(notes::add);
    }
    return MAPPER.writeValueAsString(root);
  }

  private static void add(ObjectNode node, Explanation explanation, PlannedParameter parameter) {
    node.put("name", parameter.name());
    node.put("old", parameter.before().orElse(null));
    node.put("oldIsDefault", parameter.beforeIsDefault());
    node.put("new", parameter.value());
    node.put("source", lower(parameter.source()));
    node.put("by", parameter.by());
    node.put("rule", parameter.rule());
    node.put("changes", parameter.changes());
    node.put("restart", parameter.restart() && parameter.changes());
    LiveSetting live = explanation.live().get(parameter.name());
    if (live != null) {
      ObjectNode actual = node.putObject("live");
      actual.put("value", live.value());
      actual.put("source", live.source());
      actual.put("pendingRestart", live.pendingRestart());
      actual.put("differs", explanation.drifted(parameter));
    }
  }

  private static void add(ObjectNode node, ValidationFinding finding) {
    node.put("severity", lower(finding.severity()));
    node.put("path", String.join(".", finding.path()));
    node.put("value", finding.value());
    node.put("message", finding.message());
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
