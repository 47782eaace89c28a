package dev.howdah.sanity.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.report.CatalogueText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  @Test
  void everyRequirementIsASentenceWithReasonAndRemedy() {
    assertThat(Catalogue.all())
        .allSatisfy(
            check -> {
              assertThat(check.id()).matches(Pattern.compile("[A-Z]+-[0-9]{2}"));
              assertThat(check.requirement()).endsWith(".");
              assertThat(check.citation()).isNotBlank();
              assertThat(check.remedy()).endsWith(".");
            });
  }

  @Test
  void idsAreUnique() {
    assertThat(Catalogue.all()).extracting(Check::id).doesNotHaveDuplicates();
  }

  @Test
  void thePageOfTheDocumentationIsUpToDate() throws Exception {
    Path page = Path.of("..", "docs", "sanity", "catalogue.md");

    assertThat(Files.readString(page))
        .as("make it anew with: howdah sanity list --format markdown")
        .isEqualTo(CatalogueText.markdown(Catalogue.all()));
  }
}
