using DeviceMail.Control;

namespace DeviceMail.Accounts;

public static class AccountSetup
{
    public static void AddAccounts(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<OAuthChannel>();
        services.AddSingleton<AccountRegister>();
        services.AddSingleton<AccountStatusBoard>();
        services.AddSingleton<BudgetBoard>();
        services.AddSingleton<PasswordKeeper>();
        services.AddSingleton<TokenKeeper>();
        services.AddSingleton<ClientCredentials>();
        services.AddSingleton<SignInTools>();
        services.AddSingleton<AccountSignIn>();
        services.AddSingleton<AccountViews>();
    }

    public static void MapAccounts(this WebApplication app) => AccountControl.Map(app.ControlGroup());
}
