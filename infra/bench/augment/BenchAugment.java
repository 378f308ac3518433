import io.cityseg.augment.Augmentation;
import io.cityseg.augment.LabelledImage;
import io.cityseg.augment.RandomStream;
import io.cityseg.image.GreyImage;
import io.cityseg.image.RgbImage;
import java.lang.management.ManagementFactory;

/** CPU time of the recipe's augmentation of one 1024x2048 image; arguments: images. */
public class BenchAugment {
  public static void main(String[] args) {
    int images = args.length > 0 ? Integer.parseInt(args[0]) : 60;
    int height = 1024;
    int width = 2048;
    byte[] pixels = new byte[3 * height * width];
    byte[] label = new byte[height * width];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 31 + i / 4097);
    }
    for (int i = 0; i < label.length; i++) {
      label[i] = (byte) (i / 60 % 19);
    }
    var example =
        new LabelledImage(
            new RgbImage(height, width, pixels), new GreyImage(height, width, label));
    var recipe = new Augmentation(512, 1024, 0.5, 2, 0.75, true);
    for (int round = 0; round < 3; round++) { // the first rounds warm the JVM up
      var os = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = os.getProcessCpuTime();
      for (int item = 0; item < images; item++) {
        recipe.apply(example, new RandomStream(42, "augment", 1, item));
      }
      System.out.printf("%.1f ms of CPU an image%n", (os.getProcessCpuTime() - cpu) / 1e6 / images);
    }
  }
}
