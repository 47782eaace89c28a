package dev.howdah.sanity.check;

import dev.howdah.sanity.driver.Session;

/** The test of one requirement. */
@FunctionalInterface
public interface Body {
  /**
   * Runs the test.
   *
   * @param session the plugin and how to talk to it
   * @param findings where to write down what is wrong; nothing written means passed
   * @throws Exception whatever a call threw; counts as a failure, except {@link
   *     dev.howdah.sanity.driver.UndecidedException}, which skips the check
   */
  void run(Session session, Findings findings) throws Exception;
}
