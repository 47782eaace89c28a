package dev.howdah.host.parameters;

import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.registry.RegisteredHooks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks the parameters of every place in which a Cluster names a plugin. Thread-safe. */
public final class ParameterChecks {

  private final RecordParameterBinder binder;

  /**
   * Makes the checks.
   *
   * @param binder binds parameters
   */
  public ParameterChecks(RecordParameterBinder binder) {
    this.binder = binder;
  }

  /**
   * Checks the parameters themselves.
   *
   * @param hooks what the plugin registered; without a parameters record nothing is wrong
   * @param uses where the Cluster names the plugin
   */
  public List<ValidationFinding> check(RegisteredHooks hooks, List<PluginUse> uses) {
    List<ValidationFinding> findings = new ArrayList<>();
    hooks
        .parameters()
        .ifPresent(
            type ->
                uses.forEach(
                    use ->
                        findings.addAll(
                            binder.check(
                                type, use.parameters().values(), use.parameters().path()))));
    return findings;
  }

  /**
   * Checks that what can't change hasn't, in the Cluster's own use.
   *
   * @param hooks what the plugin registered
   * @param before where the Cluster named the plugin
   * @param after where it names it now
   */
  public List<ValidationFinding> checkChange(
      RegisteredHooks hooks, List<PluginUse> before, List<PluginUse> after) {
    Optional<Parameters> old = own(before);
    Optional<Parameters> now = own(after);
    if (hooks.parameters().isEmpty() || old.isEmpty() || now.isEmpty()) {
      return List.of();
    }
    return binder.checkChange(
        hooks.parameters().get(), old.get().values(), now.get().values(), now.get().path());
  }

  private static Optional<Parameters> own(List<PluginUse> uses) {
    return uses.stream()
        .filter(PluginUse.Own.class::isInstance)
        .map(PluginUse::parameters)
        .findFirst();
  }
}
