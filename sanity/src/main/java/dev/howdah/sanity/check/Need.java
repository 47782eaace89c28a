package dev.howdah.sanity.check;

import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.driver.Session;
import java.util.function.Predicate;

/**
 * Something that must be so for a check to apply.
 *
 * @param otherwise why the check is skipped when it is not so
 * @param met finds out whether it is so
 */
public record Need(String otherwise, Predicate<Session> met) {
  static final Need TCP =
      new Need("only on TCP", session -> session.target() instanceof Target.Tcp);
  static final Need SOCKET =
      new Need("only on a Unix socket", session -> session.target() instanceof Target.Socket);
  static final Need CONNECTION = new Need("no connection came up", Session::connects);
  static final Need DESTRUCTIVE =
      new Need(
          "stores or deletes something; wants --destructive",
          session -> session.options().destructive());
  static final Need SEVERAL =
      new Need("wants several plugins in one run", session -> session.all().size() > 1);
  static final Need BACKUP =
      new Need("Backup is not offered", session -> session.offer().hasBackup());
  static final Need RESTORE =
      new Need("RestoreJobHooks is not offered", session -> session.offer().hasRestore());
  static final Need ENRICH =
      new Need("EnrichConfiguration is not offered", session -> session.offer().hasEnrich());
  static final Need METRICS =
      new Need("Metrics is not offered", session -> session.offer().hasMetrics());
  static final Need BAD_PARAMETER =
      new Need(
          "wants --bad-parameter, which the plugin has to find fault with",
          session -> !session.options().badParameters().isEmpty());
  static final Need UNREACHABLE =
      new Need(
          "wants --unreachable-parameter, which leads to a store nobody answers at",
          session -> !session.options().unreachable().isEmpty());
  static final Need EVALUATED_POD = lifecycle("", "Pod", OperatorOperationType.Type.TYPE_EVALUATE);
  static final Need CREATED_POD = lifecycle("", "Pod", OperatorOperationType.Type.TYPE_CREATE);
  static final Need CREATED_JOB = lifecycle("batch", "Job", OperatorOperationType.Type.TYPE_CREATE);

  static Need declared(Type type) {
    return new Need(type + " is not declared", session -> session.offer().has(type));
  }

  static Need offered(OperatorCapability.RPC.Type type) {
    return new Need(type + " is not offered", session -> session.offer().has(type));
  }

  static Need offered(WALCapability.RPC.Type type) {
    return new Need(type + " is not offered", session -> session.offer().has(type));
  }

  static Need wanted(ReconcilerHooksCapability.Kind kind) {
    return new Need(kind + " is not wanted", session -> session.offer().has(kind));
  }

  static Need lifecycle(String group, String kind, OperatorOperationType.Type verb) {
    return new Need(
        verb + " on " + kind + " is not wanted", session -> session.offer().has(group, kind, verb));
  }
}
