using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using DeviceMail.Lab.Entra;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Directory;

/// <summary>The part of Microsoft Graph that sets an organisation up: applications, principals, grants, users, policies.</summary>
public sealed partial class DirectoryEndpoints(PretendCloud cloud)
{
    private const string Start = "/graph/v1.0", Applications = "Application.ReadWrite.All", Grants = "DelegatedPermissionGrant.ReadWrite.All", Policies = "Policy.Read.All";

    private static readonly string[] ReadsUsers = ["User.ReadBasic.All", "User.Read.All"];

    private LabDirectory Directory => cloud.Directory;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Start + "/applications", IResult (HttpContext c) => Answer(c, [Applications], () => List(c, Directory.Applications,
            (one, field) => field switch { "appId" => one.AppId, "displayName" => one.DisplayName, _ => null }, DirectoryJson.Default.GraphListLabApplication)));
        routes.MapGet(Start + "/servicePrincipals", IResult (HttpContext c) => Answer(c, [Applications], () => List(c, Directory.Principals,
            (one, field) => field switch { "appId" => one.AppId, "displayName" => one.DisplayName, _ => null }, DirectoryJson.Default.GraphListLabPrincipal)));
        routes.MapGet(Start + "/oauth2PermissionGrants", IResult (HttpContext c) => Answer(c, [Grants], () => List(c, Directory.Grants,
            (one, field) => field == "clientId" ? one.ClientId : null, DirectoryJson.Default.GraphListLabGrant)));
        routes.MapGet(Start + "/users", IResult (HttpContext c) => Answer(c, ReadsUsers, () => List(c, Directory.Users,
            (one, field) => field == "mail" ? one.Mail : null, DirectoryJson.Default.GraphListLabUser)));
        routes.MapGet(Start + "/users/{address}", IResult (HttpContext c, string address) => Answer(c, ReadsUsers, () =>
            Directory.Users.FirstOrDefault(one => one.Id == address || one.UserPrincipalName.Equals(address, StringComparison.OrdinalIgnoreCase)) is { } user
                ? Results.Json(user, DirectoryJson.Default.LabUser)
                : Refused(DirectoryRefusal.NotFound(address))));
        routes.MapGet(Start + "/policies/identitySecurityDefaultsEnforcementPolicy", IResult (HttpContext c) => Answer(c, [Policies], () =>
            Results.Json(Directory.SecurityDefaults, DirectoryJson.Default.SecurityDefaults)));
        routes.MapGet(Start + "/identity/conditionalAccess/policies", IResult (HttpContext c) => Answer(c, [Policies], () =>
            Results.Json(new GraphList<LabPolicy>([.. Directory.Policies]), DirectoryJson.Default.GraphListLabPolicy)));
        routes.MapPost(Start + "/applications", Task<IResult> (HttpContext c) => WriteAsync(c, Applications, DirectoryJson.Default.ApplicationBody, body =>
            Results.Json(Directory.Make(body), DirectoryJson.Default.LabApplication, statusCode: StatusCodes.Status201Created)));
        routes.MapPatch(Start + "/applications/{id}", Task<IResult> (HttpContext c, string id) => WriteAsync(c, Applications, DirectoryJson.Default.ApplicationBody, body =>
            Result(Directory.Change(id, body))));
        routes.MapPost(Start + "/servicePrincipals", Task<IResult> (HttpContext c) => WriteAsync(c, Applications, DirectoryJson.Default.PrincipalBody, body =>
            Directory.IsLate() ? Refused(DirectoryRefusal.NoApplication(body.AppId)) : Result(Directory.MakePrincipal(body.AppId))));
        routes.MapPost(Start + "/oauth2PermissionGrants", Task<IResult> (HttpContext c) => WriteAsync(c, Grants, DirectoryJson.Default.GrantBody, body =>
            Directory.IsLate() ? Refused(DirectoryRefusal.NotFound(body.ClientId)) : Result(Directory.Grant(body))));
        routes.MapPatch(Start + "/oauth2PermissionGrants/{id}", Task<IResult> (HttpContext c, string id) => WriteAsync(c, Grants, DirectoryJson.Default.GrantBody, body =>
            Result(Directory.ChangeGrant(id, body.Scope))));
    }

    private async Task<IResult> WriteAsync<T>(HttpContext c, string permission, JsonTypeInfo<T> type, Func<T, IResult> write)
    {
        try
        {
            var body = await c.Request.ReadFromJsonAsync(type, c.RequestAborted);
            return Answer(c, [permission], () => body is null ? Refused(DirectoryRefusal.BadRequest) : write(body));
        }
        catch (JsonException)
        {
            return Refused(DirectoryRefusal.BadRequest);
        }
    }

    /// <param name="c">The request.</param>
    /// <param name="permissions">The token must hold one of these, and the person must be an administrator.</param>
    /// <param name="answer">What is done then.</param>
    private IResult Answer(HttpContext c, string[] permissions, Func<IResult> answer)
    {
        var header = c.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : "";
        if (cloud.Tokens.OpenDirectory(token) is not { } grant)
            return Refused(DirectoryRefusal.NoToken);
        if (cloud.Switches.TakeDirectoryThrottle())
            return Refused(DirectoryRefusal.Throttled);
        var isLetIn = grant.Session.Account.Kind == AccountKind.Administrator && permissions.Any(grant.Scopes.Permissions.Contains);
        return isLetIn ? answer() : Refused(permissions.Contains(Policies) ? DirectoryRefusal.NoPolicyRight : DirectoryRefusal.NoRight);
    }

    /// <summary>A list, by the one form of filter that is taught here: a field, eq, and a word in quotes.</summary>
    private static IResult List<T>(HttpContext c, IReadOnlyList<T> all, Func<T, string, string?> value, JsonTypeInfo<GraphList<T>> type)
    {
        var filter = c.Request.Query["$filter"].ToString();
        if (filter.Length == 0)
            return Results.Json(new GraphList<T>([.. all]), type);
        if (Filter().Match(filter) is not { Success: true } match || all.Any(one => value(one, match.Groups[1].Value) is null))
            return Refused(DirectoryRefusal.BadRequest);
        var word = match.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal);
        return Results.Json(new GraphList<T>([.. all.Where(one => word.Equals(value(one, match.Groups[1].Value), StringComparison.OrdinalIgnoreCase))]), type);
    }

    private static IResult Result(DirectoryChange change) => change switch
    {
        DirectoryChange.Done { Made: LabPrincipal made } => Results.Json(made, DirectoryJson.Default.LabPrincipal, statusCode: StatusCodes.Status201Created),
        DirectoryChange.Done { Made: LabGrant made } => Results.Json(made, DirectoryJson.Default.LabGrant, statusCode: StatusCodes.Status201Created),
        DirectoryChange.Refused { Refusal: var refusal } => Refused(refusal),
        _ => Results.NoContent(),
    };

    private static IResult Refused(DirectoryRefusal refusal) =>
        Results.Json(new GraphErrorAnswer(new(refusal.Code, refusal.Message)), DirectoryJson.Default.GraphErrorAnswer, statusCode: refusal.Status);

    [GeneratedRegex("^(appId|displayName|clientId|mail) eq '((?:[^']|'')*)'$")]
    private static partial Regex Filter();
}
