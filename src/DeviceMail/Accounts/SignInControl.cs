using DeviceMail.Control;

namespace DeviceMail.Accounts;

/// <summary>The address on which a browser landed, as a person pasted it.</summary>
public sealed record LandedAddress(string Address);

/// <summary>A certificate that was made for an application; its key stays with the gateway.</summary>
/// <param name="Pem">What is uploaded at the provider.</param>
public sealed record CertificateView(string Account, string Pem, string Sha256, DateTimeOffset RunsOut);

/// <summary>Signing in from the command line.</summary>
internal static class SignInControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapPost("/accounts/signin", async Task<IResult> (string address, AccountRegister accounts, AccountSignIn signIn, AccountViews views) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            if (account.IsApplication)
            {
                var step = await signIn.SignInApplicationAsync(account, CancellationToken.None);
                return step is SignInStep.SignedIn ? Results.Json(views.Of(account), AccountsJson.Default.AccountView) : ControlAnswers.Refused(SignInWords.Of(step));
            }
            if (!Providers.Of(account).Ways.Contains(SignInWay.DeviceCode)) return ControlAnswers.Refused($"{Providers.Of(account).Title} gives no codes for mail: run `devicemail signin {account.Address} --browser`.");
            return Started(await signIn.StartAsync(account, CancellationToken.None), account, views);
        });
        control.MapPost("/accounts/signin/browser", async Task<IResult> (string address, int? port, AccountRegister accounts, AccountSignIn signIn, AccountViews views) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            if (account.IsApplication) return ControlAnswers.Refused($"{account.Address} is signed in by its application; `devicemail signin {account.Address}` does it.");
            return await signIn.StartInBrowserAsync(account, MicrosoftAuthority.LoopbackOf(account, port), CancellationToken.None) switch
            {
                // Not its ToString, which writes spaces: a terminal and a script would take the address up to the first one.
                SignInStart.InBrowser begun => Results.Json(views.Of(account) with { SignInAddress = begun.Address.AbsoluteUri }, AccountsJson.Default.AccountView),
                var start => Started(start, account, views),
            };
        });
        control.MapPost("/accounts/signin/answer", async Task<IResult> (HttpContext context, AccountSignIn signIn, AccountViews views) =>
        {
            var landed = (await context.Request.ReadFromJsonAsync(AccountsJson.Default.LandedAddress))!;
            var (account, step) = await signIn.AnswerAsync(landed.Address, CancellationToken.None);
            if (account is null) return ControlAnswers.Refused("This address belongs to no sign-in under way. Copy it whole from the browser's address bar; it has code= and state= in it, and is good once.");
            return step is SignInStep.SignedIn ? Results.Json(views.Of(account), AccountsJson.Default.AccountView) : ControlAnswers.Refused(SignInWords.Of(step));
        });
        control.MapGet("/accounts/signin", IResult (string address, AccountRegister accounts, AccountSignIn signIn, AccountViews views) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            var step = signIn.StepOf(account.Id);
            return step is SignInStep.Waiting or SignInStep.SignedIn ? Results.Json(views.Of(account), AccountsJson.Default.AccountView) : ControlAnswers.Refused(SignInWords.Of(step));
        });
        control.MapPost("/accounts/confirm", async Task<IResult> (string address, AccountRegister accounts, AccountSignIn signIn) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            return await signIn.ConfirmAsync(account) is { } sentence ? ControlAnswers.Refused(sentence) : ControlAnswers.Done($"{account.Address} is signed in. Mail goes out.");
        });
        control.MapPost("/accounts/discard", async Task<IResult> (string address, AccountRegister accounts, AccountSignIn signIn) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            await signIn.DiscardAsync(account);
            return ControlAnswers.Done("The sign-in that was not saved is discarded.");
        });
        control.MapPost("/accounts/signout", async Task<IResult> (string address, AccountRegister accounts, AccountSignIn signIn) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            await signIn.SignOutAsync(account);
            return ControlAnswers.Done($"{account.Address} is signed out. Its mail is held until somebody signs in again.");
        });
        control.MapPost("/accounts/certificate", async Task<IResult> (string address, AccountRegister accounts, ClientCredentials credentials) =>
        {
            if (Find(accounts, address, out var refusal) is not { } account) return refusal!;
            if (await accounts.SaveAsync(credentials.MakeCertificate(account), null, account) is not AccountSave.Saved { Account: var saved }) return ControlAnswers.Refused("The account was changed meanwhile. Run the command again.");
            var pem = saved.NextCertificate;
            return Results.Json(new CertificateView(saved.Address.ToString(), pem, ApplicationCertificate.Fingerprint(pem), ApplicationCertificate.EndOf(pem)), AccountsJson.Default.CertificateView);
        });
    }

    private static IResult Started(SignInStart start, Account account, AccountViews views) => start is SignInStart.Ended { Step: var step }
        ? ControlAnswers.Refused(SignInWords.Of(step)) : Results.Json(views.Of(account), AccountsJson.Default.AccountView);

    /// <summary>An account that signs in, or why not.</summary>
    private static Account? Find(AccountRegister accounts, string address, out IResult? refusal)
    {
        var account = AccountControl.Find(accounts, address);
        refusal = account is null ? AccountControl.Unknown(address)
            : account.Method != AuthenticationMethod.OAuth2 ? ControlAnswers.Refused($"{account.Address} needs no sign-in: it sends {AccountCommands.WithoutSignIn(account.Method)}.") : null;
        return refusal is null ? account : null;
    }
}
