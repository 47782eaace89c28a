package dev.howdah.host.admission;

import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.guard.FindingsGuard;
import dev.howdah.host.guard.PatchGuard;
import dev.howdah.host.parameters.ParameterChecks;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.PolicyHook;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.registry.RegisteredHooks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one plugin has to say about a Cluster's definition: its parameters' constraints, its
 * validation hooks and its policies, in that order. The same behind the Operator service and the
 * webhooks. Runs on the plugin's threads; thread-safe.
 */
public final class DefinitionChecks {

  private final ParameterChecks parameters;
  private final FindingsGuard findingsGuard = new FindingsGuard();
  private final PatchGuard patchGuard = new PatchGuard();

  /**
   * Makes the checks.
   *
   * @param parameters checks parameters
   */
  public DefinitionChecks(ParameterChecks parameters) {
    this.parameters = parameters;
  }

  /** Checks a Cluster that shall be created. */
  public List<ValidationFinding> create(HookCall call, Cluster cluster) {
    CallContext context = call.context(cluster);
    List<ValidationFinding> findings = new ArrayList<>();
    if (!context.uses().isEmpty()) {
      RegisteredHooks registered = call.plugin().hooks();
      findings.addAll(parameters.check(registered, context.uses()));
      if (findings.isEmpty() && registered.validateCreate().isPresent()) {
        findings.addAll(
            findingsGuard.check(
                call.pluginName(), registered.validateCreate().get().validate(context)));
      }
    }
    findings.addAll(policy(call, Optional.empty(), context));
    return findings;
  }

  /** Checks a change of a Cluster. */
  public List<ValidationFinding> change(HookCall call, Cluster before, Cluster after) {
    CallContext context = call.context(after);
    List<ValidationFinding> findings = new ArrayList<>();
    if (!context.uses().isEmpty()) {
      findings.addAll(parameters.check(call.plugin().hooks(), context.uses()));
      if (findings.isEmpty()) {
        findings.addAll(changeOfUse(call, before, context));
      }
    }
    findings.addAll(policy(call, Optional.of(before), context));
    return findings;
  }

  /**
   * What is wrong with a Cluster as it stands: what a change doesn't bring in, and so must not be
   * blamed for.
   */
  List<ValidationFinding> standing(HookCall call, Cluster cluster) {
    CallContext context = call.context(cluster);
    List<ValidationFinding> findings = new ArrayList<>();
    List<PluginUse> uses = context.uses();
    if (!uses.isEmpty()) {
      findings.addAll(parameters.check(call.plugin().hooks(), uses));
      if (findings.isEmpty()) {
        findings.addAll(changeOfUse(call, cluster, context));
      }
    }
    findings.addAll(policy(call, Optional.empty(), context));
    return findings;
  }

  private List<ValidationFinding> changeOfUse(HookCall call, Cluster before, CallContext context) {
    RegisteredHooks registered = call.plugin().hooks();
    List<ValidationFinding> findings =
        new ArrayList<>(
            parameters.checkChange(registered, call.context(before).uses(), context.uses()));
    if (registered.validateChange().isPresent()) {
      findings.addAll(
          findingsGuard.check(
              call.pluginName(), registered.validateChange().get().validate(before, context)));
    }
    return findings;
  }

  /** Policies hold for every Cluster that isn't on its way out, whichever plugins it names. */
  private List<ValidationFinding> policy(
      HookCall call, Optional<Cluster> before, CallContext context) {
    Optional<PolicyHook> hook = call.plugin().hooks().policy();
    return hook.isPresent() && !context.cluster().deleting()
        ? findingsGuard.check(call.pluginName(), hook.get().check(before, context))
        : List.of();
  }

  /**
   * Completes a Cluster, for the Operator service.
   *
   * @param hook the plugin's
   * @return a JSON patch in UTF-8; empty if there is nothing to change
   */
  public byte[] defaults(HookCall call, DefaultsHook hook, Cluster cluster) {
    CallContext context = call.context(cluster);
    return context.uses().isEmpty()
        ? new byte[0]
        : patchGuard.clusterPatch(call.pluginName(), cluster, hook.complete(context));
  }

  /** Completes a Cluster, for the webhook; guarded as {@link #defaults} is. */
  Cluster completed(HookCall call, DefaultsHook hook, Cluster cluster) {
    CallContext context = call.context(cluster);
    if (context.uses().isEmpty()) {
      return cluster;
    }
    Cluster completed = hook.complete(context);
    byte[] patch = patchGuard.clusterPatch(call.pluginName(), cluster, completed);
    return patch.length == 0 ? cluster : completed;
  }
}
