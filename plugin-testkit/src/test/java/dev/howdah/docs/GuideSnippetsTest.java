package dev.howdah.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The guide's Java blocks are the compiled code, word for word. */
class GuideSnippetsTest {

  private static final Path GUIDE = Path.of("..", "docs", "plugin-authors");
  private static final Path SOURCES = Path.of("src", "test", "java", "dev", "howdah", "docs");

  private static final Pattern BLOCK =
      Pattern.compile("(?:<!-- snippet: (\\S+)#(\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);

  @TestFactory
  Stream<DynamicTest> eachBlockIsARegionOfCompiledCode() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Path page : pages()) {
      Matcher block = BLOCK.matcher(Files.readString(page));
      while (block.find()) {
        String file = block.group(1);
        String name = block.group(2);
        String text = block.group(3);
        tests.add(
            DynamicTest.dynamicTest(
                page.getFileName() + ": " + (file == null ? "unmarked" : file + "#" + name),
                () -> {
                  assertThat(file)
                      .as("the comment <!-- snippet: FILE#REGION --> before %n%s", text)
                      .isNotNull();
                  assertThat(text.stripTrailing()).isEqualTo(region(SOURCES.resolve(file), name));
                }));
      }
    }
    return tests.stream();
  }

  @Test
  void everyHookHasItsBlock() throws IOException {
    String hooks = Files.readString(GUIDE.resolve("hooks.md"));
    for (var method : dev.howdah.plugin.Hooks.class.getMethods()) {
      assertThat(hooks).as("docs/plugin-authors/hooks.md").contains("`" + method.getName() + "`");
    }
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(GUIDE)) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList();
    }
  }

  private static String region(Path file, String name) throws IOException {
    List<String> lines = new ArrayList<>();
    boolean inside = false;
    for (String line : Files.readAllLines(file)) {
      String stripped = line.strip();
      if (stripped.equals("// docs:" + name)) {
        inside = true;
      } else if (stripped.equals("// docs:end")) {
        if (inside) {
          return String.join("\n", lines).stripTrailing().stripIndent().strip();
        }
      } else if (inside) {
        lines.add(line);
      }
    }
    throw new AssertionError("%s has no region %s.".formatted(file, name));
  }
}
