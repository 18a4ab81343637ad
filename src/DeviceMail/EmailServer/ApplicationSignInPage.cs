using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Account">Whose application.</param>
public sealed record ApplicationSignInModel(PageShell Shell, Account Account)
{
    public bool HasSecret { get; init; }

    public bool IsSignedIn { get; init; }

    /// <summary>How the last try ended; null: it went well, or there was none.</summary>
    public SignInEnd? End { get; init; }

    public FieldFault? Fault { get; init; }

    /// <summary>The certificate to show: the one that waits, else the one in use; empty: none.</summary>
    public string Certificate => Account.NextCertificate.Length > 0 ? Account.NextCertificate : Account.Certificate;

    public bool IsNext => Account.NextCertificate.Length > 0;

    public bool CanSignIn => Certificate.Length > 0 || HasSecret;

    public bool IsMicrosoft => MicrosoftAuthority.Serves(Account);
}

/// <summary>Sign In of an account whose application signs in for itself: what it proves itself with, what it must be allowed, and the try.</summary>
internal static class ApplicationSignInPage
{
    public static void MapApplicationSignIn(this WebApplication app) => app.MapGet($"{SignInPage.Address}/certificate", IResult (HttpContext context) =>
        long.TryParse(context.Request.Query["account"], out var id) && context.Part<AccountRegister>().Find(id) is { } account && (account.NextCertificate.Length > 0 ? account.NextCertificate : account.Certificate) is { Length: > 0 } pem
            ? Results.File(System.Text.Encoding.ASCII.GetBytes(pem), "application/x-pem-file", "devicemail.pem") : Results.NotFound());

    public static async Task<IResult> PressAsync(HttpContext context, Account account, IFormCollection posted)
    {
        var (desk, name) = (context.Part<EmailServerDesk>(), account.Address.ToString());
        DeskOutcome outcome = new DeskOutcome.Done(account.Id);
        switch (posted["do"].ToString())
        {
            case "certificate":
                outcome = await desk.MakeCertificateAsync(account);
                context.Note(new Deed("Made a certificate for the application", name));
                break;
            case "discard":
                outcome = await desk.DiscardCertificateAsync(account);
                context.Note(new Deed("Discarded the application's next certificate", name));
                break;
            case "secret":
                if (EndOf(posted["secret-ends"].ToString()) is not { } end) outcome = new DeskOutcome.Refused(new FieldFault("secret-ends", "Ends on needs a date, such as 2028-11-24, or stays empty."));
                else outcome = await desk.SetClientSecretAsync(account, posted["client-secret"].ToString().Trim(), end.Day);
                context.Note(new Deed("Set the application's client secret", name));
                break;
            case "application":
                await desk.SignInApplicationAsync(account, context.RequestAborted);
                context.Note(new Deed("Let the application sign in", name));
                break;
        }
        if (outcome is DeskOutcome.Refused refused) return Show(context, account, refused.Fault, StatusCodes.Status422UnprocessableEntity);
        return Redirects.See(posted["do"] == "application" && desk.StepOf(account) is SignInStep.SignedIn ? $"{BasicPage.Address}?account={account.Id}" : $"{SignInPage.Address}?account={account.Id}");
    }

    public static IResult Show(HttpContext context, Account account, FieldFault? fault = null, int status = StatusCodes.Status200OK)
    {
        var desk = context.Part<EmailServerDesk>();
        var shell = context.Part<PageShells>().For(context, Menu.EmailServerBasic, "Sign in as the application");
        var page = ApplicationSignInView.Create(new ApplicationSignInModel(shell with { Path = $"{shell.Path} › Sign In" }, context.Part<AccountRegister>().Find(account.Id) ?? account)
        {
            HasSecret = desk.HasClientSecret(account),
            IsSignedIn = context.Part<AccountStatusBoard>().SavedStatusOf(account.Id) is AccountStatus.SignedIn,
            End = SignInPage.EndOf(account, desk.StepOf(account), SignInWay.Application),
            Fault = fault,
        });
        page.StatusCode = status;
        return page;
    }

    /// <summary>Null when it is no date; an empty field is no end that is known.</summary>
    private static SecretEnd? EndOf(string text) => text.Trim().Length == 0 ? new SecretEnd(null)
        : DateTimeOffset.TryParseExact(text.Trim(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? new SecretEnd(day) : null;

    private sealed record SecretEnd(DateTimeOffset? Day);
}
