using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>The answer to the one question: is mail going out, and if not, what do I do?</summary>
/// <param name="Mark">ok, warn, held or bad.</param>
/// <param name="Headline">A sentence without its full stop.</param>
/// <param name="Advice">What to do, or what follows.</param>
public sealed record Answer(string Mark, string Headline, string Advice)
{
    private static readonly string[] _names = ["Conditional Access", "Entra", "Exchange", "Gmail", "Microsoft"];

    /// <summary>The page where it is done, and its verb; null when there is nothing to do.</summary>
    public (string Text, string Address)? Step { get; init; }

    /// <summary>What the answer is about, with cause and the server's words; null when all is well.</summary>
    public ProblemLine? Problem { get; init; }

    public static Answer Of(GatewayStatus status)
    {
        if (status.DiskTrouble is { } disk)
            return new Answer("bad", "No mail is taken: the disk does not keep it", $"Devices keep their mail and try again. Free some space or repair the disk; the gateway goes on by itself. It said: {disk}");
        if (!status.IsClaimed) return new Answer("warn", "This gateway is new and takes no mail", "Claim it first: devicemail claim prints the code.");
        if (status.Accounts.Count == 0)
            return new Answer("warn", "Mail cannot go out yet: no account is set up", "Choose the email service and the mailbox that sends. It takes about five minutes.")
            { Step = ("Set up the email server", "/email-server") };
        if (status.Accounts.FirstOrDefault(account => account.Problem is not null) is { } account) return Of(account, account.Problem!, status);
        if (status.Jobs.Held > 0)
            return new Answer("warn", $"Mail goes out, but {Jobs(status.Jobs.Held)} held", "Look at Job Status: each held job says what it waits for.") { Step = ("Open Job Status", "/jobs?state=held") };
        if (status.Setback is { } setback) return Of(setback, status);
        return new Answer("ok", "Mail goes out", $"{LastMail(status)} {(status.Jobs.Waiting == 0 ? "Nothing is held, and nothing waits."
            : $"{Jobs(status.Jobs.Waiting)} waiting and will go out by {(status.Jobs.Waiting == 1 ? "itself" : "themselves")}.")}");
    }

    private static Answer Of(SetbackLine setback, GatewayStatus status)
    {
        var (problem, about) = (setback.Problem, InSentence(setback.Problem.Title));
        return setback.NextTryAt is { } next
            ? new Answer("warn", $"Mail waits: {about}{(setback.Account.Length > 0 ? $" ({setback.Account})" : "")}",
                $"{problem.Remedy} {Jobs(status.Jobs.Waiting)} waiting; the next attempt is {(next - status.At is var left && left > TimeSpan.FromMinutes(1) ? $"in {Spans.Of(left)}" : "within a minute")}. {LastMail(status)}")
            { Step = ("Open Job Status", "/jobs?state=waiting"), Problem = problem }
            : new Answer("warn", $"The last mail was not delivered: {about}", $"{problem.Remedy} Other mail goes on. {LastMail(status)}")
            { Step = ("Open Job Status", "/jobs?state=failed"), Problem = problem };
    }

    private static Answer Of(AccountLine account, ProblemLine problem, GatewayStatus status)
    {
        var others = status.Accounts.Any(one => one.Problem is null) ? $"Mail of {account.Address} is held" : "Mail is held";
        var comfort = problem.Remedy.Contains("Nothing is lost", StringComparison.Ordinal) ? "Devices can go on handing in mail." : "Nothing is lost, and devices can go on handing in mail.";
        var held = account.Held == 0 ? comfort
            : $"The {account.Held} held {(account.Held == 1 ? "job goes" : "jobs go")} out by {(account.Held == 1 ? "itself" : "themselves")} then. {comfort}";
        var signIn = problem.SignInHelps || problem.Key == Problems.NotSignedIn.Key || problem.Key == Problems.NotSaved.Key;
        var isServer = problem.Key == Problems.ServerUnreachable.Key;
        return new Answer(problem.Key == "account-paused" ? "held" : "bad", $"{others}: {InSentence(problem.Title)} ({account.Address})", $"{problem.Remedy} {held}")
        {
            Step = (signIn ? "Sign in" : isServer ? "Check the server's address" : "Open Email Server", $"/email-server?account={account.Id}"),
            Problem = problem,
        };
    }

    private static string LastMail(GatewayStatus status) => status.LastSent is { } last ? $"The last mail left {Spans.Ago(last, status.At)}." : "No mail has gone out yet.";

    /// <summary>A title behind a colon: small, unless it begins with a name such as SMTP or Exchange.</summary>
    private static string InSentence(string title) =>
        char.IsUpper(title[1]) || _names.Any(name => title.StartsWith(name, StringComparison.Ordinal)) ? title : char.ToLowerInvariant(title[0]) + title[1..];

    private static string Jobs(long count) => count == 1 ? "1 job is" : $"{count} jobs are";
}
