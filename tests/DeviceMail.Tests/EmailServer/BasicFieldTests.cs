using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DeviceMail.Tests.EmailServer;

/// <summary>What the fields of Email Server: Basic may hold.</summary>
public sealed class BasicFieldTests
{
    private static readonly BasicForm _good = BasicForm.New with
    {
        ClientId = "d0c0ffee-0000-4000-8000-0000deadbeef",
        TenantId = "c0ffee00-1111-4222-8333-444455556666",
        Sender = "scan@contoso.example",
    };

    public static TheoryData<string, string, bool> Values { get; } = new()
    {
        { "sender", "scan@contoso.example", true }, { "sender", "scan", false }, { "sender", "", false }, { "sender", $"{new string('a', 60)}@{new string('b', 200)}.example", false },
        { "server", "smtp.office365.com", true }, { "server", "192.0.2.1", true }, { "server", "", false }, { "server", "a b", false }, { "server", new string('a', 256), false },
        { "port", "1", true }, { "port", "65535", true }, { "port", "0", false }, { "port", "65536", false }, { "port", "-1", false }, { "port", "587x", false }, { "port", "", false },
        { "client", "d0c0ffee-0000-4000-8000-0000deadbeef", true }, { "client", "d0c0ffee", false }, { "client", "", false },
        { "tenant", "contoso.onmicrosoft.com", true }, { "tenant", "c0ffee00-1111-4222-8333-444455556666", true }, { "tenant", "contoso", false }, { "tenant", "", false },
        { "method", "OAuth2", true }, { "method", "2", false }, { "secure", "StartTls", true }, { "secure", "7", false },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void With_OAuth2_a_field_takes_its_range_and_no_more(string field, string text, bool isGood) => Judge(_good, field, text, isGood);

    [Theory]
    [InlineData("account-name", "", true)]
    [InlineData("account-name", "device user~1", true)]
    [InlineData("account-name", "gerät", false)]
    [InlineData("pop-server", "pop.contoso.example", true)]
    [InlineData("pop-server", "", false)]
    [InlineData("pop-port", "110", true)]
    [InlineData("pop-port", "0", false)]
    public void With_POP_before_SMTP_its_own_fields_count(string field, string text, bool isGood) =>
        Judge(_good with { Method = nameof(AuthenticationMethod.PopBeforeSmtp), PopHost = "pop.contoso.example" }, field, text, isGood);

    [Theory]
    [InlineData("http://idp.example/token", false)]
    [InlineData("https://idp.example/token", true)]
    [InlineData("https://user:secret@idp.example/token", false)]
    [InlineData("http://127.0.0.1:8080/token", true)]
    public void A_token_address_must_be_safe(string text, bool isGood) =>
        Judge(_good with { Service = "custom", Issuer = "https://idp.example", Scopes = "mail offline_access" }, "token", text, isGood);

    [Theory]
    [InlineData("yahoo", "Person", "Automatic", "method", "app password")]
    [InlineData("gmail", "Application", "Automatic", "sign-in-as", "lets only persons sign in")]
    [InlineData("gmail", "Person", "Graph", "send-by", "has no Microsoft Graph")]
    [InlineData("exchange-gcc-high", "Application", "Graph", "", "")]
    public void Each_service_offers_what_it_has(string service, string signInAs, string sendBy, string field, string words)
    {
        var faults = BasicField.FaultsOf(_good with { Service = service, SignInAs = signInAs, SendBy = sendBy });
        if (field.Length == 0) Assert.Empty(faults);
        else Assert.Contains(words, Assert.Single(faults, fault => fault.Field == field).Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("https://gateway.contoso.example:8443/sign-in/answer", true)]
    [InlineData("https://gateway.contoso.example:8443/", false)]
    [InlineData("http://gateway.contoso.example/sign-in/answer", false)]
    public void A_registered_address_leads_back_to_this_gateway(string text, bool isGood) => Judge(_good, "redirect", text, isGood);

    [Fact]
    public void A_field_that_the_method_does_not_use_is_not_judged() =>
        Assert.Empty(BasicField.FaultsOf(_good with { Method = nameof(AuthenticationMethod.Off), ClientId = "", TenantId = "", PopHost = "a b", PopPort = "x", UserName = "gerät" }));

    [Theory]
    [InlineData(1, true)]
    [InlineData(1_024, true)]
    [InlineData(1_025, false)]
    public void A_password_has_up_to_1024_characters_of_any_script(int length, bool isGood)
    {
        Assert.Equal(isGood, BasicField.PasswordFault(new string('ß', length)) is null);
        Assert.Equal(isGood, BasicField.PasswordFault(string.Concat(Enumerable.Repeat("🔑", length))) is null);
    }

    [Fact]
    public void All_faults_are_told_at_once_each_with_its_field() =>
        Assert.Equal(["client", "tenant", "sender", "server", "port"],
            BasicField.FaultsOf(_good with { ClientId = "", TenantId = "", Sender = "", Host = "", Port = "" }).Select(fault => fault.Field));

    private static void Judge(BasicForm form, string field, string text, bool isGood)
    {
        var changed = BasicForm.Read(new FormCollection(new Dictionary<string, StringValues> { [field] = text }), form);
        Assert.Equal(isGood ? [] : [field], BasicField.FaultsOf(changed).Select(fault => fault.Field).Where(one => one == field));
    }
}
