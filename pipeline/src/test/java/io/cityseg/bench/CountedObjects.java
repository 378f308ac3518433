package io.cityseg.bench;

import io.cityseg.store.ObjectStorage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** A storage that counts what is asked of it, by operation and by the first part of the name. */
final class CountedObjects {
  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** The storage, counted. */
  ObjectStorage over(ObjectStorage objects) {
    return (ObjectStorage)
        Proxy.newProxyInstance(
            ObjectStorage.class.getClassLoader(),
            new Class<?>[] {ObjectStorage.class},
            (proxy, method, arguments) -> {
              if (arguments != null && arguments[0] instanceof String name) {
                count(method.getName() + " " + name.split("/", 2)[0]);
              }
              try {
                return method.invoke(objects, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Requests since the last time, by what they were: "read actions". */
  Map<String, Long> take() {
    Map<String, Long> taken = new TreeMap<>();
    counts.forEach((what, count) -> taken.put(what, count.sumThenReset()));
    taken.values().removeIf(count -> count == 0);
    return taken;
  }

  private void count(String what) {
    counts.computeIfAbsent(what, first -> new LongAdder()).increment();
  }
}
