package dev.howdah.host.discovery;

import java.util.List;

/** A way in for plugins: finds candidates and checks them, without running any of their code. */
@FunctionalInterface
public interface PluginDoor {

  /** Looks what is there; refuses what can't work. Called once. */
  List<PluginCandidate> look();
}
