using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Entra;

/// <summary>What the person sees: enter the code, sign in, consent. Plain forms, so that a test can post them.</summary>
public sealed class SignInPages(PretendCloud cloud)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/device", "/link"])
        {
            routes.MapGet(path, IResult (HttpContext c) => EnterPage(c, c.Request.Query["code"].ToString(), null));
            routes.MapPost(path, async Task<IResult> (HttpContext c) => Enter(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        }

        routes.MapPost("/device/signin", async Task<IResult> (HttpContext c) => SignIn(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/device/consent", async Task<IResult> (HttpContext c) => Consent(c, await c.Request.ReadFormAsync(c.RequestAborted)));
    }

    private IResult Enter(HttpContext c, IFormCollection form)
    {
        var step = cloud.SignIns.Enter(form["user_code"].ToString());
        return step.SignIn is { } signIn ? SignInPage(c, signIn, null) : EnterPage(c, form["user_code"].ToString(), step.Refusal);
    }

    private IResult SignIn(HttpContext c, IFormCollection form)
    {
        var code = form["user_code"].ToString();
        var entered = cloud.SignIns.Enter(code);
        if (entered.SignIn is not { } waiting)
            return EnterPage(c, code, entered.Refusal);
        var typed = form["other"].ToString();
        var step = cloud.SignIns.SignIn(code, typed.Length > 0 ? typed : form["account"].ToString());
        return step.SignIn is { } signIn ? ConsentPage(c, signIn) : SignInPage(c, waiting, step.Refusal);
    }

    private IResult Consent(HttpContext c, IFormCollection form)
    {
        var decision = form["accept"] != "yes" ? ConsentDecision.Cancel
            : form["organization"] == "on" ? ConsentDecision.AcceptForOrganisation
            : ConsentDecision.Accept;
        var step = cloud.SignIns.Decide(form["user_code"].ToString(), decision);
        if (step.SignIn is not { } signIn)
            return EnterPage(c, form["user_code"].ToString(), step.Refusal);
        return signIn.State == SignInState.Declined
            ? Page.Show(c, "You declined", Html.Of($"<p>DeviceMail was not allowed to send. You can close this window.</p>"))
            : Page.Show(c, "You have signed in", Html.Of(
                $"<p>You have signed in to DeviceMail on your device as {signIn.Account!.Address}. You can close this window.</p>"));
    }

    private IResult EnterPage(HttpContext c, string code, EntraRefusal? refusal)
    {
        var waiting = Html.Each(cloud.SignIns.Waiting, one => Html.Of(
            $"""<li><a href="?code={one.UserCode}"><code>{one.UserCode}</code></a> until {one.Until}</li>"""));
        return Page.Show(c, "Enter code to allow access", Html.Of($"""
            {Fault(refusal)}
            <form method="post" action="/device">
            <p>Once you enter the code displayed on your app or device, it will have access to your account.</p>
            <div class="field"><label for="user_code">Code</label>
            <input id="user_code" name="user_code" value="{code}" autocomplete="off" required></div>
            <div class="actions"><button class="primary">Next</button></div>
            </form>
            <section><h2>Codes that wait</h2><ul>{waiting}</ul><p class="hint">Microsoft does not show this list.</p></section>
            """));
    }

    private IResult SignInPage(HttpContext c, DeviceSignIn signIn, EntraRefusal? refusal)
    {
        var accounts = Html.Each(cloud.Tenant.Accounts, account => Html.Of($"""<option value="{account.Address}">{account.Address}, {account.Name}</option>"""));
        return Page.Show(c, "Sign in", Html.Of($"""
            {Fault(refusal)}
            <form method="post" action="/device/signin">
            <p>You are signing in to DeviceMail on another device. If you did not start this, do not go on.</p>
            <input type="hidden" name="user_code" value="{signIn.UserCode}">
            <div class="field"><label for="account">Pick an account</label><select id="account" name="account">{accounts}</select></div>
            <div class="field"><label for="other">or use another one</label><input id="other" name="other" autocomplete="off"></div>
            <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off">
            <small class="hint">Any will do. Never type a real one.</small></div>
            <div class="actions"><button class="primary">Sign in</button></div>
            </form>
            """));
    }

    private static IResult ConsentPage(HttpContext c, DeviceSignIn signIn)
    {
        var permissions = Html.Each(signIn.Scopes.Permissions, permission => Html.Of($"<li><code>{signIn.Scopes.Resource}/{permission}</code></li>"));
        var keep = signIn.Scopes.Offline ? Html.Of($"<li>Maintain access to data you have given it access to</li>") : Html.Nothing;
        var organisation = signIn.Account!.Kind == AccountKind.Administrator
            ? Html.Of($"""<p class="check"><input type="checkbox" id="organization" name="organization"><label for="organization">Consent on behalf of your organization</label></p>""")
            : Html.Nothing;
        return Page.Show(c, "Permissions requested", Html.Of($"""
            <form method="post" action="/device/consent">
            <p>{signIn.Account.Address}: DeviceMail would like to</p>
            <ul>{permissions}{keep}</ul>
            <input type="hidden" name="user_code" value="{signIn.UserCode}">
            {organisation}
            <div class="actions"><button class="primary" name="accept" value="yes">Accept</button><button name="accept" value="no">Cancel</button></div>
            </form>
            """));
    }

    private static Html Fault(EntraRefusal? refusal) => refusal is null
        ? Html.Nothing
        : Html.Of($"""<p class="notice" role="alert">AADSTS{refusal.Number.ToString()}: {refusal.Text}</p>""");
}
