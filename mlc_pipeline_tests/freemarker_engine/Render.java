import freemarker.core.Environment;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.Version;
import freemarker.template.utility.DeepUnwrap;
import freemarker.template.utility.StringUtil;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Renders templates with the real FreeMarker, one request a line on standard input, one answer a line on
 * standard output, until standard input ends.
 *
 * Request: {"template": text, "model": {...}, "settings": {FreeMarker setting: value}, "compatibility": "2.3.25"}
 * Answer: {"output": text} or {"error": text}
 */
public class Render {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.freemarker.loggerLibrary", "none");
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(answer(line));
        }
    }

    private static String answer(String line) {
        try {
            Map<?, ?> request = (Map<?, ?>) plainJava(line);
            return "{\"output\":" + json(render(request)) + "}";
        } catch (Exception error) {
            return "{\"error\":" + json(String.valueOf(error.getMessage())) + "}";
        }
    }

    private static String render(Map<?, ?> request) throws Exception {
        Configuration configuration = new Configuration(new Version((String) request.get("compatibility")));
        configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        configuration.setLogTemplateExceptions(false);
        for (Map.Entry<?, ?> setting : ((Map<?, ?>) request.get("settings")).entrySet()) {
            configuration.setSetting((String) setting.getKey(), (String) setting.getValue());
        }
        String source = (String) request.get("template");
        Template template = new Template("template", new StringReader(source), configuration);
        StringWriter output = new StringWriter();
        template.process(request.get("model"), output);
        return output.toString();
    }

    /** JSON as maps, lists, strings, numbers, booleans and nulls, read by FreeMarker itself. */
    private static Object plainJava(String text) throws Exception {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_31);
        Template reader = new Template("json", new StringReader("<#assign value = text?eval_json>"), configuration);
        Environment environment = reader.createProcessingEnvironment(Map.of("text", text), new StringWriter());
        environment.process();
        return DeepUnwrap.permissiveUnwrap(environment.getVariable("value"));
    }

    private static String json(String text) {
        return '"' + StringUtil.jsStringEnc(text, true) + '"';
    }
}
