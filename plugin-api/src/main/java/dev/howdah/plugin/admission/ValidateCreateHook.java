package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;
import java.util.List;

/**
 * Looks at a Cluster that shall be created, behind {@code Operator.ValidateClusterCreate} and the
 * admission webhook. Parameters are checked against their record before; this is for what
 * constraints can't say.
 */
@FunctionalInterface
public interface ValidateCreateHook {

  /**
   * Validates {@link HookContext#cluster()}.
   *
   * @return what is wrong; empty if nothing is
   */
  List<ValidationFinding> validate(HookContext context);
}
