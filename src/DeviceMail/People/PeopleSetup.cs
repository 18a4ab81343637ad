using DeviceMail.Control;

namespace DeviceMail.People;

public static class PeopleSetup
{
    public static void AddPeople(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PersonRegister>();
        builder.Services.AddSingleton<PersonDesk>();
        builder.Services.AddSingleton<PersonSignIns>();
        builder.Services.AddSingleton<PersonExtras>();
        builder.Services.AddSingleton<PeopleImports>();
    }

    public static void MapPeople(this WebApplication app)
    {
        app.MapPeoplePage();
        app.MapPersonPage();
        app.MapPeopleImportPage();
        PersonControl.Map(app.ControlGroup());
    }
}
