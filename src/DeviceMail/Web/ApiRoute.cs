using System.Text.Json.Serialization.Metadata;

namespace DeviceMail.Web;

/// <summary>A parameter of an address, in its path or its query.</summary>
/// <param name="Name">As it is written there.</param>
/// <param name="Words">What it is.</param>
/// <param name="Type">In the words of JSON Schema: string, integer, boolean.</param>
public sealed record ApiParameter(string Name, string Words, string Type = "string");

/// <summary>One thing the HTTP API does. Lies on its endpoint, and is what the OpenAPI document is made of.</summary>
/// <param name="Summary">What it does, in a few words: Lists jobs, newest first.</param>
public sealed record ApiRoute(string Summary)
{
    /// <summary>The scope that a key needs; set by the group.</summary>
    public ApiScope Scope { get; init; }

    /// <summary>Set by the group.</summary>
    public string Method { get; init; } = "";

    /// <summary>With the prefix, and constraints as ASP.NET writes them; set by the group.</summary>
    public string Pattern { get; init; } = "";

    /// <summary>Parameters of the path and the query.</summary>
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>What the body holds where it is JSON; null: it is not.</summary>
    public JsonTypeInfo? Body { get; init; }

    /// <summary>Other types of body that the endpoint reads by itself, such as multipart/form-data.</summary>
    public IReadOnlyList<string> BodyTypes { get; init; } = [];

    /// <summary>Octets that a body may have at most.</summary>
    public long LargestBody { get; init; } = 1 << 20;

    /// <summary>What the answer holds where it is JSON; null: it is not.</summary>
    public JsonTypeInfo? Answer { get; init; }

    /// <summary>The type of the answer, where that is not JSON.</summary>
    public string AnswerType { get; init; } = "application/json";

    /// <summary>The answer's status when it was done.</summary>
    public int Done { get; init; } = StatusCodes.Status200OK;
}

/// <summary>Everything the HTTP API does, in the order in which the folders told it.</summary>
public sealed class ApiTable
{
    private readonly List<ApiRoute> _routes = [];

    public IReadOnlyList<ApiRoute> Routes => _routes;

    /// <returns>Whether it is the first of its pattern.</returns>
    internal bool Add(ApiRoute route)
    {
        _routes.Add(route);
        return _routes.Count(one => one.Pattern == route.Pattern) == 1;
    }

    /// <summary>As the header Allow lists them.</summary>
    internal string MethodsOf(string pattern) => string.Join(", ", _routes.Where(one => one.Pattern == pattern).Select(one => one.Method));
}
