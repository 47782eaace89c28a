package dev.howdah.docs.tour;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Size;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

// docs:parameters
record TourParameters(
    @Parameter(description = "The tier.", defaultValue = "SILVER", immutable = true) Tier tier,
    @Parameter(description = "The most instances.", defaultValue = "5") @Min(1) @Max(9) int most,
    @Parameter(description = "How long to keep things.", defaultValue = "7d") Duration keep,
    @Parameter(description = "Further labels, as a JSON object.") Map<String, String> labels,
    @Parameter(name = "notify", description = "Who is told.") List<String> people,
    @Parameter(description = "A note.") Optional<@Size(max = 80) String> note) {

  enum Tier {
    GOLD,
    SILVER
  }
}
// docs:end
