package dev.howdah.host.audit;

import java.util.List;

/** The rules in their order; the first that matches an entry decides about it. */
public final class AuditRules {

  private static final Decision NOTHING = new Decision(AuditLevel.NONE, false);

  private final List<AuditRule> rules;

  /**
   * Makes the rules.
   *
   * @param rules in the order in which they are asked; what none matches is not kept
   */
  public AuditRules(List<AuditRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * What holds when nobody says otherwise. Left out is what comes again with every loop and says
   * nothing: probes, handshakes, and the Lease and RoleBinding that the operator tries to create
   * each time though they exist. Those are kept when they fail. Changes and events come with their
   * content, calls without.
   */
  public static AuditRules defaults() {
    return new AuditRules(
        List.of(
            AuditRule.at(AuditLevel.NONE)
                .kinds("call")
                .methods(
                    "Probe",
                    "GetCapabilities",
                    "GetPluginMetadata",
                    "GetPluginCapabilities",
                    "Check",
                    "Watch",
                    "List",
                    "ServerReflectionInfo")
                .outcomes("OK")
                .build(),
            AuditRule.at(AuditLevel.NONE)
                .kinds("call")
                .methods("LifecycleHook")
                .operations("CREATE")
                .objects("Lease", "RoleBinding")
                .outcomes("OK")
                .build(),
            AuditRule.at(AuditLevel.REQUEST).kinds("change", "event").build(),
            AuditRule.at(AuditLevel.METADATA).build()));
  }

  /** Decides about an entry. */
  Decision decide(AuditEntry entry) {
    for (AuditRule rule : rules) {
      if (rule.matches(entry)) {
        return new Decision(rule.level(), rule.durable());
      }
    }
    return NOTHING;
  }

  /** Whether some rule wants records on disk before the caller is answered. */
  boolean anyDurable() {
    return rules.stream().anyMatch(AuditRule::durable);
  }

  /**
   * What a rule says about an entry.
   *
   * @param level how much to keep
   * @param durable whether to wait for the disk
   */
  record Decision(AuditLevel level, boolean durable) {}
}
