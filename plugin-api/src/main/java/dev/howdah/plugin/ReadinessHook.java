package dev.howdah.plugin;

/**
 * Tells whether the plugin can do its work. The host asks every few seconds and answers {@code
 * Identity.Probe} from memory: a plugin that isn't ready gets its callers an error, since the
 * operator looks at nothing else.
 */
@FunctionalInterface
public interface ReadinessHook {

  /** Checks; should take well under a second. */
  Readiness check();
}
