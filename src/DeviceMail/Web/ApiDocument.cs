using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using DeviceMail.Control;

namespace DeviceMail.Web;

/// <summary>The OpenAPI 3.1 document, made of the table of routes.</summary>
internal static partial class ApiDocument
{
    private const string Key = "key";

    public static byte[] Write(ApiTable table)
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        foreach (var path in table.Routes.GroupBy(route => PathOf(route.Pattern)))
            paths[path.Key] = new JsonObject(path.Select(route => KeyValuePair.Create(route.Method.ToLowerInvariant(), (JsonNode?)OperationOf(route, schemas))));
        SchemaOf(ApiJson.Default.ApiProblem, schemas);
        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "DeviceMail",
                ["version"] = BuildVersion.Current.Version,
                ["description"] = "The gateway's HTTP API. The gateway's administrator makes keys in Web Config, Device Management > API Keys. A refusal is a problem (RFC 9457) whose detail names cause and remedy.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject { [Key] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["description"] = $"A key of 256 bits that begins with {ApiKeyText.Mark}" } },
            },
        };
        using var octets = new MemoryStream();
        using (var writer = new Utf8JsonWriter(octets, new JsonWriterOptions { Indented = true })) document.WriteTo(writer);
        return octets.ToArray();
    }

    /// <summary>/jobs/{id:long} is /jobs/{id} to others.</summary>
    internal static string PathOf(string pattern) => Constraint().Replace(pattern, "{$1}");

    private static JsonObject OperationOf(ApiRoute route, JsonObject schemas)
    {
        var operation = new JsonObject
        {
            ["summary"] = route.Summary,
            ["operationId"] = route.Method.ToLowerInvariant() + string.Concat(PathOf(route.Pattern)[ApiGroup.Prefix.Length..].Split('/', '-', '.', '{', '}').Where(step => step.Length > 0).Select(step => char.ToUpperInvariant(step[0]) + step[1..])),
        };
        // Roles of a scheme that is not OAuth may be named since 3.1 (4.8.30).
        if (route.Scope != ApiScope.None) operation["security"] = new JsonArray(new JsonObject { [Key] = new JsonArray([.. ApiScopes.WordsOf(route.Scope).Select(word => (JsonNode)word)]) });
        if (route.Parameters.Count > 0) operation["parameters"] = new JsonArray([.. route.Parameters.Select(one => (JsonNode)ParameterOf(one, route))]);
        if (BodyOf(route, schemas) is { } body) operation["requestBody"] = body;
        var done = new JsonObject { ["description"] = "Done" };
        if (route.Answer is { } answer) done["content"] = new JsonObject { [route.AnswerType] = new JsonObject { ["schema"] = SchemaOf(answer, schemas) } };
        else if (route.Done != StatusCodes.Status204NoContent) done["content"] = new JsonObject { [route.AnswerType] = new JsonObject() };
        operation["responses"] = new JsonObject
        {
            [$"{route.Done}"] = done,
            ["default"] = new JsonObject
            {
                ["description"] = "Not done, and why",
                ["content"] = new JsonObject { [ApiAnswers.ProblemType] = new JsonObject { ["schema"] = SchemaOf(ApiJson.Default.ApiProblem, schemas) } },
            },
        };
        return operation;
    }

    private static JsonObject ParameterOf(ApiParameter parameter, ApiRoute route)
    {
        var isInPath = PathOf(route.Pattern).Contains($"{{{parameter.Name}}}", StringComparison.Ordinal);
        return new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = isInPath ? "path" : "query",
            ["required"] = isInPath,
            ["description"] = parameter.Words,
            ["schema"] = new JsonObject { ["type"] = parameter.Type },
        };
    }

    private static JsonObject? BodyOf(ApiRoute route, JsonObject schemas)
    {
        if (route.Body is null && route.BodyTypes.Count == 0) return null;
        var content = new JsonObject(route.BodyTypes.Select(type => KeyValuePair.Create(type, (JsonNode?)new JsonObject())));
        if (route.Body is { } body) content["application/json"] = new JsonObject { ["schema"] = SchemaOf(body, schemas) };
        return new JsonObject { ["required"] = true, ["content"] = content };
    }

    /// <summary>A reference to the type's schema, which is put among the others once.</summary>
    private static JsonObject SchemaOf(JsonTypeInfo type, JsonObject schemas)
    {
        var name = type.Type.Name.Replace("[]", "List", StringComparison.Ordinal);
        if (!schemas.ContainsKey(name)) schemas[name] = type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });
        return new JsonObject { ["$ref"] = $"#/components/schemas/{name}" };
    }

    [GeneratedRegex(@"\{\**(\w+)(?::[^}]*)?\}")]
    private static partial Regex Constraint();
}
