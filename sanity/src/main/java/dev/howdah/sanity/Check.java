package dev.howdah.sanity;

import dev.howdah.sanity.check.Body;
import dev.howdah.sanity.check.Need;
import java.util.List;

/**
 * One requirement on a plugin, with the reason for it and the way to test it.
 *
 * @param id stable name, such as {@code LIF-06}; never reused
 * @param level how much it weighs
 * @param requirement what must hold, as a sentence
 * @param citation where that comes from: a message of the protocol or the operator's code
 * @param remedy what to do in the plugin when it fails
 * @param since the first operator minor version for which it matters, such as {@code 1.31}, or an
 *     empty text for every version
 * @param needs what must be so for the check to apply; otherwise it is skipped
 * @param body the test itself
 */
public record Check(
    String id,
    Level level,
    String requirement,
    String citation,
    String remedy,
    String since,
    List<Need> needs,
    Body body) {

  /** Keeps the conditions from changing afterwards. */
  public Check {
    needs = List.copyOf(needs);
  }

  /** The part of the protocol that it is about. */
  public Area area() {
    return Area.of(id);
  }
}
