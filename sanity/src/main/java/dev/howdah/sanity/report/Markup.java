package dev.howdah.sanity.report;

/** Text inside XML and HTML. */
final class Markup {
  private Markup() {}

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '&' -> escaped.append("&amp;");
                case '"' -> escaped.append("&quot;");
                case '\n', '\t' -> escaped.appendCodePoint(point);
                // Not even an escape may stand for these in XML.
                default -> escaped.appendCodePoint(Character.isISOControl(point) ? '?' : point);
              }
            });
    return escaped.toString();
  }
}
