using DeviceMail.Control;

namespace DeviceMail.Web;

/// <param name="Shell">What stands around.</param>
/// <param name="Keys">By name.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record ApiKeysModel(PageShell Shell, IReadOnlyList<ApiKey> Keys, DateTimeOffset Now)
{
    /// <summary>What was typed.</summary>
    public string Name { get; init; } = "";

    /// <summary>What was ticked.</summary>
    public ApiScope Scopes { get; init; } = ApiScope.Read;

    /// <summary>Why the last press did nothing, or null.</summary>
    public ApiKeySave.Refused? Fault { get; init; }

    /// <summary>The key that was made just now, or null; on no other page.</summary>
    public ApiKeySave.Saved? Made { get; init; }

    /// <summary>A command that tries the key out, without the key.</summary>
    public required string Trial { get; init; }

    public string? FaultOf(string field) => Fault?.Field == field ? Fault.Sentence : null;
}

/// <summary>Device Management > API Keys.</summary>
internal static class ApiKeysPage
{
    public static void MapApiKeys(this WebApplication app)
    {
        app.MapGet(Menu.ApiKeys.Address, IResult (HttpContext context) => ApiKeysView.Create(ModelOf(context)));
        app.MapPost(Menu.ApiKeys.Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            return posted["do"] == "remove" ? await RemoveAsync(context, posted) : await MakeAsync(context, posted);
        }).WithMetadata(new AsksPassword("to change the keys of the HTTP API"));
        ApiKeyControl.Map(app.ControlGroup());
    }

    private static async Task<IResult> MakeAsync(HttpContext context, IFormCollection posted)
    {
        var name = posted["name"].ToString().Trim();
        _ = ApiScopes.TryParse(posted["scope"].Select(word => word ?? ""), out var scopes, out _);
        var outcome = await context.MakeApiKeyAsync(name, scopes);
        var model = ModelOf(context);
        if (outcome is ApiKeySave.Saved saved) return ApiKeysView.Create(model with { Made = saved });
        var page = ApiKeysView.Create(model with { Name = name, Scopes = scopes, Fault = (ApiKeySave.Refused)outcome });
        page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, IFormCollection posted)
    {
        if (long.TryParse(posted["key"], out var id) && context.Part<ApiKeyRegister>().Find(id) is { } key) await context.RemoveApiKeyAsync(key);
        return Redirects.See(Menu.ApiKeys.Address);
    }

    private static ApiKeysModel ModelOf(HttpContext context) => new(
        context.Part<PageShells>().For(context, Menu.ApiKeys, "API Keys"), context.Part<ApiKeyRegister>().All, context.Part<TimeProvider>().GetUtcNow())
    {
        Trial = $"curl --cacert gateway.pem --header \"Authorization: Bearer $KEY\" https://{context.Request.Host}{ApiGroup.Prefix}/status",
    };
}
