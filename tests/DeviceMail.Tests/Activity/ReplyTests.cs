using System.Reflection;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Sending;
using LabReplies = DeviceMail.Lab.Exchange.SmtpReplies;

namespace DeviceMail.Tests.Activity;

/// <summary>What follows from a mail server's reply.</summary>
public sealed class ReplyTests
{
    [Theory]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled", "Held smtp-auth-off")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.", "Held smtp-auth-off")]
    [InlineData("535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.", "Held smtp-auth-off")]
    [InlineData("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "Held password-refused")]
    [InlineData("535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.", "Held blocked-by-policy")]
    [InlineData("535 5.7.139 Something new", "Held blocked-by-policy")]
    [InlineData("535 5.7.3 Authentication unsuccessful [AM0PR01CA0001]", "Held sign-in-again")]
    [InlineData("535 Authentication failed", "Held sign-in-again")]
    [InlineData("535 5.7.8 Username and Password not accepted. For more information", "Held sign-in-again")]
    [InlineData("534 5.7.9 Application-specific password required.", "Held password-refused")]
    [InlineData("550 5.7.30 Basic authentication is not supported for Client Submission.", "Held password-refused")]
    [InlineData("530 5.7.57 Client not authenticated to send mail.", "Held sign-in-again")]
    [InlineData("530 5.7.0 Must issue a STARTTLS command first", "Held tls-not-offered")]
    [InlineData("451 5.7.3 STARTTLS is required to send mail", "Held tls-not-offered")]
    [InlineData("421 4.7.66 TLS 1.0 and 1.1 are not supported.", "Held tls-not-offered")]
    [InlineData("454 4.7.0 Temporary authentication failure", "TryLater unreachable")]
    [InlineData("550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Held send-as-denied")]
    [InlineData("554 5.2.252 SendAsDenied; a not allowed to send as b", "Held send-as-denied")]
    [InlineData("554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied", "Held send-as-denied")]
    [InlineData("554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; the sender's submission quota was exceeded", "Limit quota-reached")]
    [InlineData("550 5.4.5 Daily user sending limit exceeded.", "Limit quota-reached")]
    [InlineData("550 5.7.233 Message can't be sent because the tenant exceeded its limit", "Limit quota-reached")]
    [InlineData("550 5.7.236 Too many recipients outside", "Limit quota-reached")]
    [InlineData("432 4.3.2 Concurrent connections limit exceeded.", "Limit provider-limit")]
    [InlineData("432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", "Limit provider-limit")]
    [InlineData("554 5.2.2 mailbox full; STOREDRV.Submission.Exception:QuotaExceededException", "Held mailbox-full")]
    [InlineData("552 5.2.2 The recipient's mailbox is over quota", "Refused recipient-full")]
    [InlineData("452 4.2.2 The email account is over quota", "TryLater recipient-full")]
    [InlineData("430 4.2.0 STOREDRV; mailbox logon failure", "Held mailbox-rights")]
    [InlineData("550 5.1.8 Access denied, bad outbound sender", "Held account-restricted")]
    [InlineData("550 5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization", "Held gateway-not-welcome")]
    [InlineData("550 5.7.64 TenantAttribution; Relay Access Denied", "Held gateway-not-welcome")]
    [InlineData("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", "Held gateway-not-welcome")]
    [InlineData("550 5.7.649 Access denied, banned sending IP [192.0.2.1]", "Held gateway-not-welcome")]
    [InlineData("550 5.7.650 Access denied, banned sending IP [192.0.2.1]", "Refused message-refused")]
    [InlineData("550 5.7.26 This mail is Unauthenticated", "Refused sender-domain")]
    [InlineData("550 5.1.1 User unknown", "Refused recipient-refused")]
    [InlineData("554 5.7.1 Relay access denied", "Refused recipient-refused")]
    [InlineData("552 5.3.4 Message size exceeds fixed maximum message size", "Refused message-too-large")]
    [InlineData("552 Requested action aborted", "Refused message-too-large")]
    [InlineData("451 4.7.500 Server busy. Please try again later.", "TryLater server-busy")]
    [InlineData("451 4.7.650 The mail server has been temporarily rate limited due to IP reputation", "TryLater server-busy")]
    [InlineData("421 4.4.2 Connection dropped due to timeout", "TryLater server-busy")]
    [InlineData("421 4.3.2 Service not available", "TryLater server-busy")]
    [InlineData("450 something", "TryLater server-busy")]
    [InlineData("554 something", "Refused message-refused")]
    public void A_reply_after_the_data_means(string reply, string outcome) => Assert.Equal(outcome, Judged(reply, SmtpPhase.Data));

    [Theory]
    [InlineData("550 5.9.9 no", SmtpPhase.Recipient, "Refused recipient-refused")]
    [InlineData("550 5.9.9 no", SmtpPhase.Sender, "Refused message-refused")]
    [InlineData("550 5.9.9 no", SmtpPhase.SignIn, "Held sign-in-again")]
    [InlineData("554 5.9.9 no", SmtpPhase.Connect, "Held gateway-not-welcome")]
    [InlineData("501 5.5.4 Invalid domain name", SmtpPhase.Connect, "Held dialogue-fault")]
    [InlineData("552 too much", SmtpPhase.SignIn, "Held message-too-large")]
    [InlineData("421 closing", SmtpPhase.Connect, "TryLater server-busy")]
    public void The_step_of_the_dialogue_decides_where_the_words_do_not(string reply, SmtpPhase phase, string outcome) => Assert.Equal(outcome, Judged(reply, phase));

    [Fact]
    public void No_rule_stands_in_the_shadow_of_one_before_it()
    {
        foreach (var rule in Catalogue.Replies)
            foreach (var text in rule.Texts.Count == 0 ? ["no words"] : rule.Texts)
            {
                var code = int.Parse(rule.Reply.Replace("xxx", rule.Enhanced.StartsWith('4') ? "499" : "599", StringComparison.Ordinal).Replace("xx", "99", StringComparison.Ordinal));
                var enhanced = rule.Enhanced == "*" ? "" : rule.Enhanced.Split('-')[0] + " ";
                Assert.Same(rule, Catalogue.OfReply(ReplyWords.Of(code, enhanced + text)));
            }
    }

    [Fact]
    public void A_limit_is_no_attempt_and_a_days_limit_waits_longer()
    {
        var minute = Assert.IsType<SendOutcome.TryLater>(SmtpReplies.Judge(new SmtpReply(432, "4.3.2 Concurrent connections limit exceeded"), SmtpPhase.Data));
        var day = Assert.IsType<SendOutcome.TryLater>(SmtpReplies.Judge(new SmtpReply(554, "5.2.0 SubmissionQuotaExceeded"), SmtpPhase.Data));
        Assert.Equal((false, TimeSpan.FromMinutes(1)), (minute.Counts, minute.After));
        Assert.Equal((false, TimeSpan.FromHours(1)), (day.Counts, day.After));
    }

    [Theory]
    [InlineData("535-5.7.8 Username", 535, "5.7.8")]
    [InlineData("550 no code, from 15.20.7000.12 at [2603:10a6::5.2.2.1]", 550, "")]
    [InlineData("554 5.2.0 first, then 5.7.60", 554, "5.2.0")]
    [InlineData("5350 no reply", 0, "")]
    [InlineData("say 4.3.2 only", 0, "4.3.2")]
    public void A_reply_is_taken_apart(string text, int code, string enhanced) =>
        Assert.Equal((code, enhanced), (ReplyWords.Of(text).Code, ReplyWords.Of(text).Enhanced));

    [Fact]
    public void Every_refusal_of_the_pretend_server_is_explained_in_our_own_words()
    {
        var replies = new LabReplies(TimeProvider.System);
        var all = typeof(LabReplies).GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.FieldType == typeof(string)).Select(field => (string)field.GetValue(null)!)
            .Concat(typeof(LabReplies).GetProperties().Where(property => property.PropertyType == typeof(string)).Select(property => (string)property.GetValue(replies)!))
            .Append(replies.SendAsDenied("scan@contoso.example", "printer@contoso.example"))
            .Where(reply => reply[0] is '4' or '5' && char.IsDigit(reply[1])).ToList();
        Assert.True(all.Count > 20);
        Assert.All(all, reply =>
        {
            var entry = Catalogue.OfReply(ReplyWords.Of(reply));
            Assert.True(entry is { HasOwnWords: true, IsAnyReply: false }, reply);
            Assert.Equal(entry.Problem.Cause, Problems.Find(entry.Problem.Key, reply)?.Cause);
        });
    }

    private static string Judged(string reply, SmtpPhase phase) => SmtpReplies.Judge(new SmtpReply(int.Parse(reply[..3]), reply[4..]), phase) switch
    {
        SendOutcome.Held held => $"Held {held.Problem.Key}",
        SendOutcome.Refused refused => $"Refused {refused.Problem.Key}",
        SendOutcome.TryLater { Counts: false } limit => $"Limit {limit.Problem.Key}",
        SendOutcome.TryLater later => $"TryLater {later.Problem.Key}",
        var other => $"{other}",
    };
}
