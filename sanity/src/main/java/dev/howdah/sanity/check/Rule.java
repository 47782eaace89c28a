package dev.howdah.sanity.check;

import dev.howdah.sanity.Area;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.Level;
import java.util.ArrayList;
import java.util.List;

/** Writes a check down in one sentence of code; {@link #tested} ends it. */
final class Rule {
  private final String id;
  private final Level level;
  private final String requirement;
  private final List<Need> needs = new ArrayList<>();
  private String citation = "";
  private String remedy = "";
  private String since = "";

  private Rule(String id, Level level, String requirement) {
    this.id = id;
    this.level = level;
    this.requirement = requirement;
    Area area = Area.of(id);
    if (area != Area.TLS && area != Area.SOCKET) {
      needs.add(Need.CONNECTION);
    }
  }

  static Rule must(String id, String requirement) {
    return new Rule(id, Level.MUST, requirement);
  }

  static Rule operator(String id, String requirement) {
    return new Rule(id, Level.OPERATOR, requirement);
  }

  static Rule should(String id, String requirement) {
    return new Rule(id, Level.SHOULD, requirement);
  }

  static Rule advice(String id, String requirement) {
    return new Rule(id, Level.ADVICE, requirement);
  }

  Rule cites(String text) {
    citation = text;
    return this;
  }

  Rule remedy(String text) {
    remedy = text;
    return this;
  }

  Rule since(String operator) {
    since = operator;
    return this;
  }

  Rule when(Need... conditions) {
    needs.addAll(List.of(conditions));
    return this;
  }

  Check tested(Body body) {
    if (citation.isEmpty() || remedy.isEmpty()) {
      throw new IllegalStateException("check " + id + " lacks its citation or its remedy");
    }
    return new Check(id, level, requirement, citation, remedy, since, needs, body);
  }
}
