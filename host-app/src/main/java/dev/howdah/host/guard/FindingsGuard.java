package dev.howdah.host.guard;

import dev.howdah.plugin.admission.ValidationFinding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets validation findings through that the operator can print. It takes a finding's path apart
 * without looking whether there is one.
 */
public final class FindingsGuard {

  /**
   * Checks findings.
   *
   * @param plugin name of the plugin
   * @param findings what its hook returned
   * @return the findings, in the hook's order
   * @throws GuardViolation if the list or a finding is missing, or a path has an empty step
   */
  public List<ValidationFinding> check(
      String plugin, @Nullable List<? extends @Nullable ValidationFinding> findings) {
    if (findings == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its validation returned nothing; return an empty list when nothing is wrong.");
    }
    for (ValidationFinding finding : findings) {
      if (finding == null) {
        throw new GuardViolation(
            plugin,
            GuardRule.FINDING_MALFORMED,
            "one of its validation findings is null; leave it out.");
      }
      if (finding.path().stream().anyMatch(String::isBlank)) {
        throw new GuardViolation(
            plugin,
            GuardRule.FINDING_MALFORMED,
            "the path %s of a validation finding has an empty step; name a field or an index."
                .formatted(finding.path()));
      }
    }
    return List.copyOf(findings);
  }
}
