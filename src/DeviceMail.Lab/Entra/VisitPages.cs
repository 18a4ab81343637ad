using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Entra;

/// <summary>What the person sees of a sign-in or an admin consent in the browser: pick an account, consent, and back to the application.</summary>
public sealed class VisitPages(PretendCloud cloud)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/{tenant}/oauth2/v2.0/authorize", Task<IResult> (HttpContext c) => OpenAsync(c));
        routes.MapGet("/{tenant}/v2.0/adminconsent", Task<IResult> (HttpContext c) => OpenAsync(c));
        routes.MapPost("/visit/signin", async Task<IResult> (HttpContext c) => SignIn(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/visit/consent", async Task<IResult> (HttpContext c) => Consent(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/api/authorize", Task<IResult> (HttpContext c) => VisitAsync(c));
    }

    private async Task<IResult> OpenAsync(HttpContext c)
    {
        var switches = cloud.Switches;
        if (switches.SlowMilliseconds > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(switches.SlowMilliseconds), cloud.Time, c.RequestAborted);
        if (switches.EntraUnreachable)
        {
            c.Abort();
            return Results.Empty;
        }

        return Show(c, cloud.Authorizations.Open(new(c.Request.GetEncodedUrl())));
    }

    private IResult SignIn(HttpContext c, IFormCollection form)
    {
        var id = form["visit"].ToString();
        if (form["go"] == "cancel")
            return Show(c, cloud.Authorizations.Decide(id, ConsentDecision.Cancel));
        var typed = form["other"].ToString();
        return Show(c, cloud.Authorizations.SignIn(id, typed.Length > 0 ? typed : form["account"].ToString()));
    }

    private IResult Consent(HttpContext c, IFormCollection form)
    {
        var decision = form["accept"] != "yes" ? ConsentDecision.Cancel
            : form["organization"] == "on" ? ConsentDecision.AcceptForOrganisation
            : ConsentDecision.Accept;
        return Show(c, cloud.Authorizations.Decide(form["visit"].ToString(), decision));
    }

    private async Task<IResult> VisitAsync(HttpContext c)
    {
        var request = await c.Request.ReadFromJsonAsync(ApprovalJson.Default.VisitRequest, c.RequestAborted);
        if (request?.Url is not { IsAbsoluteUri: true } url)
            return Results.BadRequest();
        var step = cloud.Authorizations.Go(url, request.Account ?? "", request.Decline ? ConsentDecision.Cancel : ConsentDecision.Accept);
        return step.Refusal is { } refusal
            ? Results.Json(new(null, $"AADSTS{refusal.Number}: {refusal.Text}"), ApprovalJson.Default.VisitAnswer, statusCode: 400)
            : Results.Json(new(step.Location?.AbsoluteUri, null), ApprovalJson.Default.VisitAnswer);
    }

    private IResult Show(HttpContext c, VisitStep step) => step switch
    {
        { Location: { } location } => Results.Redirect(location.AbsoluteUri),
        { Visit: { } visit, Refusal: null } when visit.Account is not null => ConsentPage(c, visit, visit.Account),
        { Visit: { } visit } => AccountPage(c, visit, step.Refusal),
        _ => Page.Show(c, "Sorry, but we're having trouble signing you in", Html.Of(
            $"{Fault(step.Refusal!)}<p>The browser is not sent back to the application: go back to it yourself and correct what it asks for.</p>")),
    };

    private IResult AccountPage(HttpContext c, Visit visit, EntraRefusal? refusal)
    {
        var accounts = Html.Each(cloud.Tenant.Accounts, account => Html.Of(
            $"""<option value="{account.Address}"{Selected(account, visit.LoginHint)}>{account.Address}, {account.Name}</option>"""));
        var purpose = visit.Kind == VisitKind.SignIn
            ? "You are signing in to DeviceMail. The browser goes back to it afterwards."
            : "An administrator of the organisation is asked to allow DeviceMail for everybody.";
        return Page.ShowLeaving(c, "Pick an account", Html.Of($"""
            {(refusal is null ? Html.Nothing : Fault(refusal))}
            <form method="post" action="/visit/signin">
            <p>{purpose}</p>
            <input type="hidden" name="visit" value="{visit.Id}">
            <div class="field"><label for="account">Pick an account</label><select id="account" name="account">{accounts}</select></div>
            <div class="field"><label for="other">or use another one</label><input id="other" name="other" autocomplete="off"></div>
            <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off">
            <small class="hint">Any will do. Never type a real one.</small></div>
            <div class="actions"><button class="primary" name="go" value="on">Sign in</button><button name="go" value="cancel">Cancel</button></div>
            </form>
            """), new(visit.Redirect));
    }

    private static IResult ConsentPage(HttpContext c, Visit visit, LabAccount account)
    {
        var wanted = visit.Scopes.SelectMany(scopes => scopes.Permissions.Select(permission => $"{scopes.Resource}/{permission}"))
            .Concat(VisitReader.ApplicationPermissions(visit).Select(permission => $"{permission}, without a signed-in person"));
        var permissions = Html.Each(wanted, permission => Html.Of($"<li><code>{permission}</code></li>"));
        var keep = visit.Scopes.Any(scopes => scopes.Offline) ? Html.Of($"<li>Maintain access to data you have given it access to</li>") : Html.Nothing;
        var organisation = visit.Kind == VisitKind.SignIn && account.Kind == AccountKind.Administrator
            ? Html.Of($"""<p class="check"><input type="checkbox" id="organization" name="organization"><label for="organization">Consent on behalf of your organization</label></p>""")
            : Html.Nothing;
        var reach = visit.Kind == VisitKind.AdminConsent ? Html.Of($"<p>It will have access for all people in your organisation.</p>") : Html.Nothing;
        return Page.ShowLeaving(c, "Permissions requested", Html.Of($"""
            <form method="post" action="/visit/consent">
            <p>{account.Address}: DeviceMail would like to</p>
            <ul>{permissions}{keep}</ul>
            {reach}
            <input type="hidden" name="visit" value="{visit.Id}">
            {organisation}
            <div class="actions"><button class="primary" name="accept" value="yes">Accept</button><button name="accept" value="no">Cancel</button></div>
            </form>
            """), new(visit.Redirect));
    }

    private static Html Selected(LabAccount account, string hint) =>
        new(account.Address.Equals(hint, StringComparison.OrdinalIgnoreCase) ? " selected" : "");

    private static Html Fault(EntraRefusal refusal) =>
        Html.Of($"""<p class="notice" role="alert">AADSTS{refusal.Number.ToString()}: {refusal.Text}</p>""");
}
