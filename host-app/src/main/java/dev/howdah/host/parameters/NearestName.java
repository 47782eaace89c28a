package dev.howdah.host.parameters;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses which name somebody meant who wrote another one. */
public final class NearestName {

  private NearestName() {}

  /** The nearest of the known names, unless it is too far off to be meant. */
  public static Optional<String> to(String written, Collection<String> known) {
    int bearable = Math.max(1, written.length() / 3);
    return known.stream()
        .filter(name -> distance(written, name) <= bearable)
        .min(Comparator.comparingInt((String name) -> distance(written, name)));
  }

  /** How many letters have to be put in, taken out or exchanged; case doesn't count. */
  private static int distance(String one, String other) {
    String from = one.toLowerCase(Locale.ROOT);
    String to = other.toLowerCase(Locale.ROOT);
    if (Math.abs(from.length() - to.length()) > from.length()) {
      return Integer.MAX_VALUE;
    }
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int exchanged = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(exchanged, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
