package dev.howdah.sanity.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.sanity.driver.Json;
import org.junit.jupiter.api.Test;

class PodShapeTest {
  @Test
  void everythingThatIsWrongIsNamed() {
    assertThat(
            PodShape.problems(
                Json.read(
                    """
                    {"spec": {
                      "volumes": [{"name": "a"}, {"name": "a"}],
                      "initContainers": [{"name": "Side_Car", "image": "x", "env": {}}],
                      "containers": [
                        {"name": "one", "image": "x",
                         "volumeMounts": [{"name": "b", "mountPath": "/b"}]},
                        {"name": "one"}
                      ]}}
                    """)))
        .containsExactlyInAnyOrder(
            "volume a is there twice",
            "container Side_Car.env is OBJECT, not LIST",
            "container name 'Side_Car' is no DNS label",
            "container one mounts volume b, which is not there",
            "container one is there twice",
            "container one has no image",
            "container postgres is gone");
  }
}
